import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/root';
import { PanelPage } from './panel-page';
import { step } from './step';
import { Workbench } from './workbench';

const walkthrough = path.join(root, 'media/walkthrough');
const documentation = path.join(root, 'docs/images');

/** Makes the pictures of the README and of the walkthrough from the real thing. Not a test: results are committed. */
export async function pictures(scratch: string): Promise<void> {
  for (const folder of [walkthrough, documentation]) mkdirSync(folder, { recursive: true });
  const project = path.join(scratch, 'unlearning-sample');
  cpSync(path.join(root, 'examples/mnist'), project, { recursive: true });
  const workbench = await Workbench.open({ folder: project, viewport: { width: 1240, height: 860 } });
  const picture = async (file: string): Promise<void> => {
    await workbench.command('Notifications: Clear All Notifications');
    await workbench.page.mouse.move(620, 4);
    await workbench.page.waitForTimeout(400);
    await workbench.page.screenshot({ path: file });
  };
  try {
    await workbench.theme('dark');
    await step('the sample project', async () => {
      await workbench.reveal('model', 'model.json');
      await picture(path.join(walkthrough, 'sample.png'));
    });
    await step('the context menu', async () => {
      await workbench.contextMenu('model.json');
      await workbench.page.screenshot({ path: path.join(walkthrough, 'unlearn.png') });
      await workbench.page.keyboard.press('Escape');
    });
    const panel = await step('the panel', async () => {
      await workbench.openFile('forget-c17.unlearn.json');
      const frame = await workbench.webview('.chart.bars');
      await frame.evaluate(`document.querySelector('#section-target').scrollIntoView()`);
      await picture(path.join(walkthrough, 'target.png'));
      await frame.evaluate(`document.querySelector('#section-noise-schedule').scrollIntoView()`);
      await picture(path.join(documentation, 'panel.png'));
      return new PanelPage(frame);
    });
    await step('a run', async () => {
      await panel.press('Run Unlearning');
      await panel.frame.locator('.progress-line', { hasText: 'Recovering: step' }).waitFor();
      await workbench.page.waitForTimeout(2500);
      await panel.frame.evaluate('window.scrollTo(0, document.body.scrollHeight)');
      await picture(path.join(walkthrough, 'run.png'));
      await panel.frame.locator('.outcome .done').waitFor({ timeout: 120_000 });
      await panel.frame.evaluate('window.scrollTo(0, document.body.scrollHeight)');
      await picture(path.join(documentation, 'done.png'));
    });
    await step('the certificate', async () => {
      await panel.press('Show Certificate');
      await workbench.webview('.verdict-list');
      await picture(path.join(walkthrough, 'certificate.png'));
      await workbench.openSidebar('Certified Unlearning');
      await workbench.treeRow('model.json', 'certified').waitFor();
      await picture(path.join(documentation, 'certificate.png'));
    });
  } finally {
    await workbench.close();
  }
}
