import { strict as assert } from 'node:assert';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { root } from '../../scripts/root';
import { audit } from './audit';
import { bringIntoView } from './bring-into-view';
import { contentOf } from './content-of';
import { PanelPage } from './panel-page';
import { step } from './step';
import { themes, Workbench } from './workbench';

interface Method {
  readonly sigma?: number;
  readonly sigmaShape?: unknown;
  readonly learningRate?: number;
  readonly learningRateShape?: unknown;
}

/** The noise schedule by hand: points dragged, moved by keys and typed, the exact ε following, zoom, comparison, and what is saved. */
export async function schedule(scratch: string): Promise<void> {
  cpSync(path.join(root, 'examples'), scratch, { recursive: true });
  const file = path.join(scratch, 'mnist/by-hand.unlearn.json');
  const example = JSON.parse(readFileSync(path.join(scratch, 'mnist/forget-c17.unlearn.json'), 'utf8')) as { method: object };
  const method = { name: 'gradient-clipping', initialRadius: 10, gradientRadius: 0.01, learningRate: 0.1, decay: 1, steps: 100 };
  writeFileSync(file, JSON.stringify({ ...example, method }, undefined, 2));
  const workbench = await Workbench.open({ folder: scratch });
  const written = async (): Promise<{ readonly method: Method; readonly target: { readonly epsilon?: number } }> => {
    await workbench.save();
    return JSON.parse(await contentOf(file)) as { method: Method; target: { epsilon?: number } };
  };
  try {
    await workbench.openFile('mnist', 'by-hand.unlearn.json');
    const panel = new PanelPage(await workbench.webview('.chart.bars'));
    const { frame } = panel;
    const chart = frame.locator('.schedule-chart svg');
    const point = (quantity: string, index: number): Locator => frame.locator(`.point.${quantity}`).nth(index);
    const epsilon = async (): Promise<number> => Number((await panel.fact('ε of the whole schedule')).split(' ')[0]);

    await step('a dragged point bends the curve, as one edit, and the noise is scaled to the same ε', async () => {
      const before = await panel.curve('sigma');
      await drag(workbench, point('sigma', 2), 0, 60);
      assert.notEqual(await panel.curve('sigma'), before);
      assert.equal(await epsilon(), 1);
      const { sigmaShape } = (await written()).method;
      const points = (sigmaShape as { points: [number, number][] }).points;
      assert.deepEqual([points.length, points[2]?.[0]], [5, 0.505]); // the middle of 100 steps is step 51
      assert.ok((points[2]?.[1] ?? 1) < 0.7);
      await frame.locator('h1').click();
      await workbench.page.keyboard.press('Control+z');
      await frame.locator('[data-field="method.sigmaShape"][current-value="constant"]').waitFor();
      assert.equal(await panel.curve('sigma'), before);
    });

    await step('with the noise as drawn, ε follows while the point moves', async () => {
      await frame.locator('[data-rule="noise"]').click();
      await frame.locator('[data-rule="noise"] vscode-option', { hasText: 'ε follows' }).click();
      await frame.locator('dt:text-is("ε of the whole schedule") + dd').waitFor();
      const before = await epsilon();
      assert.ok(Math.abs(before - 1) < 0.01, `σ to four digits gives ε = ${before}`);
      const box = await centre(point('sigma', 4));
      await workbench.page.mouse.move(box.x, box.y);
      await workbench.page.mouse.down();
      await workbench.page.mouse.move(box.x, box.y + 50, { steps: 5 });
      await until(async () => (await epsilon()) > before); // less noise costs more
      assert.equal(await workbench.page.locator('.tab.active.dirty').count(), 1); // from the choice above; the text itself waits
      await workbench.page.mouse.up();
      const { method: { sigma, sigmaShape }, target } = await written();
      assert.ok(sigma !== undefined && sigmaShape !== undefined && target.epsilon === undefined);
      await workbench.screenshot('schedule-by-hand');
    });

    await step('a point is moved by keys: a step or a hundredth, ten times as far with Shift; Escape takes it back', async () => {
      const middle = point('sigma', 2);
      await middle.click();
      const at = async (): Promise<number> => Number(await middle.getAttribute('aria-valuenow'));
      const start = await at();
      await workbench.page.keyboard.press('ArrowDown');
      const small = start - (await at());
      await workbench.page.keyboard.press('Shift+ArrowDown');
      const large = start - small - (await at());
      assert.ok(small > 0 && Math.abs(large / small - 10) < 0.5, `${small} and ${large}`);
      await workbench.page.keyboard.press('ArrowLeft');
      assert.match(String(await middle.getAttribute('aria-label')), /at step 50$/);
      const count = await frame.locator('.point.sigma').count();
      await workbench.page.keyboard.press('Insert');
      await frame.locator('.point.sigma').nth(count).waitFor();
      await workbench.page.keyboard.press('Delete');
      await frame.locator('.point.sigma').nth(count).waitFor({ state: 'detached' });
      await workbench.page.keyboard.down('ArrowUp');
      await workbench.page.keyboard.press('Escape');
      await workbench.page.keyboard.up('ArrowUp');
    });

    await step('points are typed in the table, which the chart and ε follow', async () => {
      await frame.locator('.schedule summary', { hasText: 'As a table' }).click();
      const before = await epsilon();
      const rate = frame.locator('[data-point="learningRate.2.value"] input');
      await rate.fill('0.02');
      await rate.press('Tab');
      await until(async () => (await epsilon()) !== before);
      const { learningRate, learningRateShape } = (await written()).method;
      assert.equal(learningRate, 0.1);
      assert.deepEqual((learningRateShape as { points: unknown[] }).points[2], [0.505, 0.2]);
      await bringIntoView(frame.locator('.points-table').first());
      await workbench.screenshot('schedule-table');
      await frame.locator('.schedule summary', { hasText: 'As a table' }).click();
    });

    await step('zoom: wheel, keys, a range, a button; the read-out and the axis follow', async () => {
      await bringIntoView(chart);
      const ticks = (): Promise<string[]> => frame.locator('.schedule-chart .axis').last().locator('.tick text').allTextContents();
      const all = await ticks();
      await chart.focus();
      await workbench.page.keyboard.press('+');
      assert.notDeepEqual(await ticks(), all);
      await workbench.page.keyboard.press('0');
      assert.deepEqual(await ticks(), all);
      const box = await chart.boundingBox();
      assert.ok(box !== null);
      await workbench.page.mouse.move(box.x + box.width / 2, box.y + box.height / 4);
      await workbench.page.keyboard.down('Control');
      await workbench.page.mouse.wheel(0, -200);
      await workbench.page.keyboard.up('Control');
      await until(async () => (await ticks()).join() !== all.join());
      await frame.locator('.zoom vscode-button', { hasText: 'Show All Steps' }).click();
      assert.deepEqual(await ticks(), all);
      await workbench.page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.9);
      await workbench.page.mouse.down();
      await workbench.page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.9, { steps: 4 });
      await workbench.screenshot('schedule-range');
      await workbench.page.mouse.up();
      assert.match(String(await chart.getAttribute('aria-label')), /Steps 2\d to 4\d are in view/);
      await workbench.screenshot('schedule-zoomed');
    });

    await step('it is compared with the paper, with another method, and with a pinned schedule', async () => {
      await frame.locator('.zoom vscode-button', { hasText: 'Show All Steps' }).click();
      for (const option of ['the closed form of the paper', 'output perturbation']) {
        await frame.locator('[data-compare="schedule"]').click();
        await frame.locator('[data-compare="schedule"] vscode-option', { hasText: option }).click();
        await frame.locator('.line.sigma.pinned').waitFor({ state: 'attached' });
      }
      await panel.press('Pin for Comparison');
      await drag(workbench, point('sigma', 1), 20, 30);
      await frame.locator('.readout', { hasText: 'pinned' }).waitFor();
      await workbench.screenshot('schedule-compared');
    });

    await step('noise is drawn against signal and against each layer, and told as tables that stay open', async () => {
      await frame.locator('.signal summary').last().click();
      const layers = frame.locator('.signal table').last().locator('tbody tr');
      assert.equal(await layers.count(), 3, 'the example has three layers with weights');
      await drag(workbench, point('sigma', 3), 0, 20);
      await layers.first().waitFor();
      await bringIntoView(frame.locator('.signal h3').last());
      await workbench.screenshot('schedule-signal');
    });

    await step('nothing for axe-core to find in any theme, nothing cut off in a narrow window', async () => {
      for (const theme of themes) {
        await workbench.theme(theme);
        await bringIntoView(chart);
        await workbench.screenshot(`schedule-${theme}`);
        assert.deepEqual(await audit(frame), []);
      }
      await workbench.page.setViewportSize({ width: 760, height: 1000 });
      assert.equal(await frame.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'), 0);
      await bringIntoView(chart);
      await workbench.screenshot('schedule-narrow');
    });
  } catch (error) {
    await workbench.screenshot('failed');
    throw error;
  } finally {
    await workbench.close();
  }
}

/** Waits until something holds: the page cannot be given functions to wait for, since its policy forbids evaluating them. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await holds())) if (Date.now() > end) throw new Error(`does not come true: ${holds.toString()}`);
}

async function centre(target: Locator): Promise<{ readonly x: number; readonly y: number }> {
  await bringIntoView(target);
  const box = await target.boundingBox();
  if (box === null) throw new Error('the point is not to be seen');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

async function drag(workbench: Workbench, target: Locator, dx: number, dy: number): Promise<void> {
  const { x, y } = await centre(target);
  await workbench.page.mouse.move(x, y);
  await workbench.page.mouse.down();
  await workbench.page.mouse.move(x + dx, y + dy, { steps: 6 });
  await workbench.page.waitForTimeout(100); // the chart follows once a frame
  await workbench.page.mouse.up();
}
