import { strict as assert } from 'node:assert';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/root';
import { bringIntoView } from './bring-into-view';
import { contentOf } from './content-of';
import { PanelPage } from './panel-page';
import { step } from './step';
import { Workbench } from './workbench';

/** The whole road, as a person goes it: from a right-click on a model to a certificate that verifies, and then no longer does. */
export async function road(scratch: string): Promise<void> {
  cpSync(path.join(root, 'examples'), scratch, { recursive: true });
  const unlearned = path.join(scratch, 'mnist/model/unlearned');
  const workbench = await Workbench.open({ folder: scratch });
  try {
    await step('a model file offers to unlearn, another file does not', async () => {
      await workbench.reveal('mnist', 'model', 'model.json');
      assert.ok(!(await workbench.contextMenu('contributors.csv')).some((title) => title.includes('Unlearn')));
      await workbench.page.keyboard.press('Escape');
      assert.ok((await workbench.contextMenu('model.json')).includes('Unlearn Data from Model…'));
      await workbench.screenshot('context-menu');
    });

    const panel = await step('choosing it creates a request and opens the panel', async () => {
      await workbench.choose('Unlearn Data from Model…');
      await workbench.pick('New Request');
      return new PanelPage(await workbench.webview('[data-field="target.epsilon"]'));
    });

    await step('a request that forgets nothing says so and does not run', async () => {
      await panel.frame.locator('.problem', { hasText: 'says nothing to forget' }).first().waitFor();
      assert.equal(await panel.frame.locator('vscode-button', { hasText: 'Run Unlearning' }).getAttribute('disabled'), '');
    });

    await step('after saying whom to forget and saving, the records are counted', async () => {
      await panel.set('forget.where', `contributor = 'c17'`);
      await workbench.save();
      assert.match(await panel.fact('Forget'), /^100 of 4,000 records/);
      assert.match(await panel.fact('Retain'), /^3,900 records/);
    });

    await step('ε and δ change the noise schedule while they are typed', async () => {
      await panel.choose('method.name', 'gradient clipping');
      await panel.frame.locator('[data-field="method.initialRadius"]').waitFor();
      const before = { sigma: await panel.fact('σ at each step'), curve: await panel.curve('epsilon') };
      await panel.set('target.epsilon', '2');
      await panel.set('target.delta', '1e-6');
      const after = { sigma: await panel.fact('σ at each step'), curve: await panel.curve('epsilon') };
      // A larger ε needs less noise: at δ = 1e-6, μ(2) is above μ(1) at 1e-5.
      assert.ok(Number(after.sigma) < Number(before.sigma), `σ went from ${before.sigma} to ${after.sigma}`);
      assert.notEqual(after.curve, before.curve);
      await workbench.screenshot('panel');
    });

    await step('the fields are written into the text, and can be undone', async () => {
      await panel.set('recovery.epochs', '9');
      await panel.frame.locator('h1').click();
      await workbench.page.keyboard.press('Control+z');
      await panel.shows('recovery.epochs', '3');
      await workbench.save();
      const text = JSON.parse(await contentOf(path.join(scratch, 'mnist/model/model.unlearn.json'))) as { target: unknown; recovery: unknown };
      assert.deepEqual(text.target, { epsilon: 2, delta: 1e-6 });
      assert.deepEqual(text.recovery, { epochs: 3 });
    });

    await step('the panel looks right in light, dark and high contrast', async () => {
      for (const theme of ['light', 'high-contrast', 'dark'] as const) {
        await workbench.theme(theme);
        for (const [name, selector] of [['top', 'h1'], ['schedule', '#section-noise-schedule']] as const) {
          await bringIntoView(panel.frame.locator(selector));
          await panel.frame.evaluate(`document.querySelector('${selector}').scrollIntoView()`);
          await workbench.screenshot(`panel-${name}-${theme}`);
        }
      }
    });

    await step('the run shows its progress in place and ends', async () => {
      await panel.press('Run Unlearning');
      await panel.frame.locator('.progress-line', { hasText: 'step' }).waitFor();
      await workbench.page.locator('.statusbar-item', { hasText: 'Unlearning' }).first().waitFor();
      await workbench.screenshot('running');
      await panel.frame.locator('.outcome .done').waitFor({ timeout: 120_000 });
      await bringIntoView(panel.frame.locator('.outcome .done'));
      await workbench.screenshot('done');
      assert.ok(existsSync(path.join(unlearned, 'model.json')));
    });

    const certificate = await step('its certificate opens with three verdicts that hold', async () => {
      await panel.press('Show Certificate');
      const frame = await workbench.webview('.verdict-list');
      assert.equal(await frame.locator('.verdict.pass').count(), 3);
      assert.equal(await frame.locator('.verdict.asserted').count(), 1);
      for (const theme of ['light', 'high-contrast', 'dark'] as const) {
        await workbench.theme(theme);
        await workbench.screenshot(`certificate-${theme}`);
      }
      return frame;
    });

    await step('the sidebar shows the model as certified, and the run', async () => {
      await workbench.openSidebar('Certified Unlearning');
      await workbench.treeRow('model.json', 'certified · mnist/model/unlearned').waitFor();
      await workbench.treeRow('model', 'ε = 2, δ = 1e-6').waitFor();
      await workbench.screenshot('sidebar');
    });

    await step('altering one byte of the model makes the digest verdict fail, and only that', async () => {
      const weights = path.join(unlearned, 'weights.bin');
      const bytes = readFileSync(weights);
      bytes[100] = (bytes[100] ?? 0) ^ 1;
      writeFileSync(weights, bytes);
      await certificate.locator('.verdict.fail[data-verdict="Model digest matches"]').waitFor();
      assert.equal(await certificate.locator('.verdict.pass').count(), 2);
      await workbench.treeRow('model.json', 'changed since').waitFor();
      await workbench.screenshot('altered');
    });
  } catch (error) {
    await workbench.screenshot('failed');
    throw error;
  } finally {
    await workbench.close();
  }
}
