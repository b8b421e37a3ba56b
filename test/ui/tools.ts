import { strict as assert } from 'node:assert';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/root';
import { bringIntoView } from './bring-into-view';
import { contentOf } from './content-of';
import { PanelPage } from './panel-page';
import { step } from './step';
import { Workbench } from './workbench';

/** What the panel offers besides the road: comparing, saving charts, cancelling, running again. */
export async function tools(scratch: string): Promise<void> {
  cpSync(path.join(root, 'examples/mnist'), scratch, { recursive: true });
  const request = path.join(scratch, 'forget-c17.unlearn.json');
  const example = JSON.parse(readFileSync(request, 'utf8')) as object;
  writeFileSync(request, JSON.stringify({ ...example, recovery: { epochs: 200 } }, undefined, 2));
  const workbench = await Workbench.open({ folder: scratch });
  try {
    await workbench.openFile('forget-c17.unlearn.json');
    const panel = new PanelPage(await workbench.webview('.chart.bars'));

    await step('other methods and formulas are compared at the same target', async () => {
      await panel.frame.locator('summary', { hasText: 'Compare with other methods' }).click();
      const rows = panel.frame.locator('table', { hasText: 'Methods' }).locator('tbody tr');
      await rows.nth(7).waitFor();
      assert.match(await rows.filter({ hasText: 'Gaussian restart' }).innerText(), /exact: 0/);
      // K = 3√ln(1/δ)/(2ε) = 5.09 at ε = 1, δ = 1e-5 (Koloskova et al. 2025); 1/μ = 3.73 exactly.
      const formulas = await panel.frame.locator('table', { hasText: 'Formula' }).innerText();
      assert.match(formulas, /exact \(used here\)\s+3\.731/);
      assert.match(formulas, /closed form of the paper\s+5\.09/);
      await bringIntoView(panel.frame.locator('table', { hasText: 'Formula' }));
      await workbench.screenshot('comparison');
    });

    await step('a pinned schedule stays while the target moves', async () => {
      await panel.press('Pin for Comparison');
      await panel.set('target.epsilon', '4');
      await panel.frame.locator('.line.pinned.epsilon').waitFor();
      assert.notEqual(await panel.frame.locator('.line.pinned.sigma').getAttribute('d'), await panel.frame.locator('.line.sigma:not(.pinned)').getAttribute('d'));
      assert.match(await panel.frame.locator('.readout').innerText(), /pinned: σ = 0\.033/);
      await bringIntoView(panel.frame.locator('.schedule-chart'));
      await workbench.screenshot('pinned');
      await panel.press('Unpin');
    });

    await step('charts are saved as SVG, PNG and CSV', async () => {
      for (const kind of ['SVG', 'PNG', 'CSV']) {
        const file = path.join(scratch, `schedule.${kind.toLowerCase()}`);
        await panel.press(`Save as ${kind}`);
        await workbench.answer(file);
        await contentOf(file);
      }
      assert.match(readFileSync(path.join(scratch, 'schedule.svg'), 'utf8'), /^<svg [^>]*viewBox/);
      assert.equal(readFileSync(path.join(scratch, 'schedule.png')).subarray(1, 4).toString(), 'PNG');
      assert.equal(readFileSync(path.join(scratch, 'schedule.csv'), 'utf8').trim().split('\n').length, 101); // a header and 100 steps
    });

    await step('a run is cancelled from the panel, and leaves nothing', async () => {
      await workbench.save();
      await panel.press('Run Unlearning');
      await panel.frame.locator('.live .line.recovery').waitFor({ timeout: 60_000 });
      await bringIntoView(panel.frame.locator('.live'));
      await workbench.screenshot('live');
      await panel.press('Cancel');
      await panel.frame.locator('p', { hasText: 'Cancelled. Nothing was changed.' }).waitFor();
      assert.equal(existsSync(path.join(scratch, 'model/unlearned')), false);
      assert.equal(existsSync(path.join(scratch, '.certified-unlearning')), false);
    });

    await step('a second run asks before it replaces the result of the first', async () => {
      await panel.set('recovery.epochs', '0.1');
      await panel.press('Run Unlearning');
      await panel.frame.locator('.outcome .done').waitFor({ timeout: 60_000 });
      const first = readFileSync(path.join(scratch, 'model/unlearned/weights.bin'));
      await panel.press('Run Unlearning');
      await workbench.dialogButton('Replace').click();
      await panel.frame.locator('.progress-line').waitFor();
      await panel.frame.locator('.outcome .done').waitFor({ timeout: 60_000 });
      // Fresh noise: no two runs give the same model.
      assert.notDeepEqual(readFileSync(path.join(scratch, 'model/unlearned/weights.bin')), first);
    });

    await step('edits of the text show in the panel, and the other way round', async () => {
      const text = await contentOf(request);
      writeFileSync(request, text.replace(/"delta": [^,}\s]+/, '"delta": 0.001'));
      await panel.shows('target.delta', '0.001');
    });

    await step('the signing key is shown by its fingerprint', async () => {
      await workbench.command('Certified Unlearning: Show Signing Key');
      await workbench.notification(/SHA-256 [0-9a-f]{64}/).first().waitFor();
    });
  } catch (error) {
    await workbench.screenshot('failed');
    throw error;
  } finally {
    await workbench.close();
  }
}
