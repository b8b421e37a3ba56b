import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { certifiedExample } from './certified-example';
import { inspectPage } from './inspect-page';
import { step } from './step';
import { Workbench } from './workbench';

/** Every page in every theme, wide and narrow: nothing for axe-core to find, nothing cut off, everything by keyboard. */
export async function pages(scratch: string): Promise<void> {
  const keys = mkdtempSync(path.join(tmpdir(), 'keys-'));
  const { publicKey } = certifiedExample(scratch, keys);
  const workbench = await Workbench.open({ folder: scratch, trustedKeys: [publicKey] });
  try {
    await workbench.openFile('mnist', 'forget-c17.unlearn.json');
    const panel = await workbench.webview('.chart.bars');
    await inspectPage(workbench, 'panel', panel);
    await step('the chart is read by arrow keys', async () => {
      await panel.locator('.schedule-chart svg').focus();
      await workbench.page.keyboard.press('Home');
      assert.match(await panel.locator('.readout').innerText(), /^Step 1: /);
      await workbench.page.keyboard.press('ArrowRight');
      assert.match(await panel.locator('.readout').innerText(), /^Step 2: /);
    });
    await step('every control of the panel can be reached with Tab, in the order of the page', async () => {
      await panel.locator('main').evaluate('document.activeElement?.blur(); window.scrollTo(0, 0)');
      await panel.locator('vscode-button', { hasText: 'Open as Text' }).focus();
      const reached: string[] = [];
      for (let presses = 0; presses < 250; presses++) {
        await workbench.page.keyboard.press('Tab');
        const name = String(await panel.evaluate(`(document.activeElement.dataset.field ?? document.activeElement.textContent ?? '').trim()`));
        reached.push(name);
        if (name.startsWith('Show Log')) break;
      }
      for (const field of ['model', 'data.train.format', 'forget.where', 'target.epsilon', 'method.steps', 'recovery.epochs']) assert.ok(reached.includes(field), `${field} is not among ${reached.join(' | ')}`);
      assert.ok(reached.some((name) => name.startsWith('Run Unlearning')));
    });
    await workbench.openFile('model', 'unlearned', 'model.unlearning-certificate.json');
    await inspectPage(workbench, 'certificate', await workbench.webview('.verdict-list'));
  } catch (error) {
    await workbench.screenshot('failed');
    throw error;
  } finally {
    await workbench.close();
    rmSync(keys, { recursive: true, force: true });
  }
}
