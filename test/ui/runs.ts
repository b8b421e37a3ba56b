import { strict as assert } from 'node:assert';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/root';
import { bringIntoView } from './bring-into-view';
import { PanelPage } from './panel-page';
import { step } from './step';
import { Workbench } from './workbench';

/** Runs: several queued, cancelled from the sidebar, lost with their window, compared when they are done. */
export async function runs(scratch: string): Promise<void> {
  cpSync(path.join(root, 'examples/mnist'), scratch, { recursive: true });
  const example = JSON.parse(readFileSync(path.join(scratch, 'forget-c17.unlearn.json'), 'utf8')) as object;
  const write = (name: string, changes: object): void => writeFileSync(path.join(scratch, `${name}.unlearn.json`), JSON.stringify({ ...example, ...changes }, undefined, 2));
  write('long', { recovery: { epochs: 500 }, output: 'model/long/model.json' });
  write('waits', { recovery: { epochs: 0.1 }, output: 'model/waits/model.json' });
  write('loose', { recovery: { epochs: 0.1 }, target: { epsilon: 4, delta: 1e-5 }, output: 'model/loose/model.json' });
  const workbench = await Workbench.open({ folder: scratch });
  const status = workbench.page.locator('.statusbar-item', { hasText: 'Unlearning' }).first();
  const run = async (name: string): Promise<PanelPage> => {
    await workbench.openSidebar('Explorer');
    await workbench.openFile(`${name}.unlearn.json`);
    const panel = new PanelPage(await workbench.webview(`h1:text-is("${name}.unlearn.json")`));
    await panel.press('Run Unlearning');
    return panel;
  };
  let lost = '';
  try {
    await step('a run shows in the status bar and in the sidebar, and a second one waits for it', async () => {
      const first = await run('long');
      await first.frame.locator('.live .line.recovery').waitFor({ timeout: 60_000 });
      const second = await run('waits');
      await second.frame.locator('.progress-line', { hasText: 'Waiting for another run to end' }).waitFor();
      await workbench.openSidebar('Certified Unlearning');
      await workbench.treeRow('long', 'recovering, step').waitFor();
      await workbench.treeRow('waits', 'waiting').waitFor();
      assert.match(await status.innerText(), /Unlearning \d+ %/);
      await workbench.screenshot('queued');
    });
    await step('the waiting one is cancelled from the sidebar', async () => {
      // A press that falls between two drawings of the line is lost; a person presses again.
      for (let presses = 0; presses < 5 && await workbench.treeRow('waits', 'waiting').isVisible(); presses++) {
        await workbench.treeRow('waits', 'waiting').hover();
        await workbench.treeRow('waits', 'waiting').locator('.action-label[aria-label^="Cancel Run"]').click();
        await workbench.treeRow('waits', 'cancelled').waitFor({ timeout: 5000 }).catch(() => undefined);
      }
      await workbench.treeRow('waits', 'cancelled').waitFor();
      await workbench.treeRow('long', 'recovering, step').waitFor();
    });
    await step('a reload of the window ends the run under way, says so, and leaves the workspace as it was', async () => {
      const privates = path.join(scratch, '.certified-unlearning');
      const staging = readdirSync(privates).find((name) => name.startsWith('staging-'));
      const host = Number(staging?.split('-')[1]);
      lost = staging ?? '';
      assert.ok(isAlive(host), `${staging ?? 'no staging folder'} is of a process that is not there`);
      await workbench.reload();
      await workbench.openSidebar('Certified Unlearning');
      await workbench.treeRow('long', 'ended with its window').waitFor();
      await workbench.treeRow('waits', 'cancelled').waitFor();
      for (let waits = 0; waits < 200 && isAlive(host); waits++) await workbench.page.waitForTimeout(100);
      assert.equal(isAlive(host), false, 'the host of the run is still there');
      assert.equal(existsSync(path.join(scratch, 'model/long')), false);
      assert.equal(await status.count(), 0);
      await workbench.screenshot('lost');
      await workbench.openSidebar('Explorer');
      await workbench.openFile('waits.unlearn.json');
      const panel = new PanelPage(await workbench.webview('h1:text-is("waits.unlearn.json")'));
      await panel.frame.locator('p', { hasText: 'Cancelled. Nothing was changed.' }).waitFor();
    });
    await step('the next run sweeps out what the lost one had in the making', async () => {
      const panel = await run('waits');
      await panel.frame.locator('.outcome .done').waitFor({ timeout: 90_000 });
      const left = readdirSync(path.join(scratch, '.certified-unlearning')).filter((name) => name.startsWith('staging-'));
      assert.deepEqual(left, [], `left of ${left.map((name) => `${name} (${isAlive(Number(name.split('-')[1])) ? 'its process lives' : 'its process is gone'})`).join(', ')}; lost: ${lost}`);
    });
    await step('a run that fails says why, which file is at fault, and leads to the log', async () => {
      write('broken', { model: 'model/nothing.json', output: 'model/broken/model.json' });
      await workbench.openSidebar('Explorer');
      await workbench.row('broken.unlearn.json').waitFor();
      await workbench.menuOf(workbench.row('broken.unlearn.json'));
      await workbench.choose('Run Unlearning');
      const notification = workbench.notification('nothing.json').first();
      await notification.waitFor();
      assert.ok(await notification.locator('.monaco-button', { hasText: 'Show Log' }).isVisible());
      await workbench.screenshot('run-failed');
      await notification.locator('.monaco-button', { hasText: 'Show Log' }).click();
      await workbench.page.locator('.part.panel .view-line', { hasText: 'UserError' }).first().waitFor();
      await workbench.openSidebar('Certified Unlearning');
      await workbench.treeRow('broken', 'failed').waitFor();
      await workbench.command('View: Hide Panel');
    });
    await step('two finished runs that are selected are compared: parameters side by side, curves over each other', async () => {
      const panel = await run('loose');
      await panel.frame.locator('.outcome .done').waitFor({ timeout: 90_000 });
      await workbench.openSidebar('Certified Unlearning');
      const rows = [workbench.treeRow('waits', 'ε = 1, δ = 1e-5'), workbench.treeRow('loose', 'ε = 4, δ = 1e-5')];
      await workbench.selectRows(...rows);
      assert.ok((await workbench.menuOf(workbench.treeRow('loose', 'ε = 4, δ = 1e-5'))).includes('Compare Runs…'));
      await workbench.choose('Compare Runs…');
      const frame = await workbench.webview('.side-by-side');
      const row = (label: string): Promise<string> => frame.locator('.side-by-side tr', { has: frame.getByText(label, { exact: true }) }).innerText();
      assert.match(await row('target.epsilon'), /1\s+4\s+≠ differs/);
      assert.match(await row('method.steps'), /100\s+100\s+same/);
      assert.ok(await frame.locator('.losses .line.pinned').count() > 0 && await frame.locator('.losses .line:not(.pinned)').count() > 0);
      await workbench.screenshot('comparison-runs');
      await bringIntoView(frame.locator('.losses'));
      await workbench.screenshot('comparison-losses');
    });
    await step('a finished run leads to its private report', async () => {
      await workbench.menuOf(workbench.treeRow('loose', 'ε = 4, δ = 1e-5'));
      await workbench.choose('Show Private Run Report');
      const frame = await workbench.webview('.moments');
      assert.match(await frame.locator('header').innerText(), /Private report of a run/);
    });
  } catch (error) {
    await workbench.screenshot('failed');
    throw error;
  } finally {
    await workbench.close();
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}
