import { strict as assert } from 'node:assert';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/root';
import { contentOf } from './content-of';
import { step } from './step';
import { everyControlByTab, fromTheTop, tabTo, unfold } from './tab-order';
import { Workbench } from './workbench';

/** The pages of a model and of a request without a mouse: all controls reached with Tab, in order and visibly, and each kind of them used. */
export async function keyboard(scratch: string): Promise<void> {
  cpSync(path.join(root, 'examples'), scratch, { recursive: true });
  cpSync(path.join(root, 'test/fixtures/models/batchnorm.h5'), path.join(scratch, 'batchnorm.h5'));
  const request = path.join(scratch, 'mnist/forget-c17.unlearn.json');
  const full = JSON.parse(readFileSync(request, 'utf8')) as { forget: object };
  writeFileSync(request, JSON.stringify({ ...full, forget: { ...full.forget, requests: [{ reference: 'T-1', ids: { column: 'contributor', values: ['c20'] } }] } }, undefined, 2));
  const workbench = await Workbench.open({ folder: scratch });
  const { page } = workbench;
  const press = (key: string): Promise<void> => page.keyboard.press(key);
  try {
    await step('the page of a model', async () => {
      await workbench.openFile('batchnorm.h5');
      const frame = await workbench.webview('#section-tensors + div table');
      await everyControlByTab(workbench, frame);
      await fromTheTop(frame);
      await tabTo(workbench, frame, 'Unlearn Data from Model');
      await press('Space');
      await workbench.webview('[data-field="model"]');
      await workbench.command('View: Close All Editors');
    });

    await step('the panel with all of it unfolded, the part about data as well', async () => {
      await workbench.openFile('mnist', 'forget-c17.unlearn.json');
      const frame = await workbench.webview('.chart.bars');
      await frame.locator('p.selected', { hasText: 'are selected' }).waitFor();
      await unfold(workbench, frame);
      await frame.locator('[data-field="recovery.momentum"]').waitFor();
      await everyControlByTab(workbench, frame);
    });

    await step('its dropdowns, sliders, boxes and lists are used with Space, Enter and arrows', async () => {
      const frame = await workbench.webview('.chart.bars');
      const value = (field: string): Promise<string> => frame.evaluate<string>(`document.querySelector('[data-field="${field}"]').value`);
      const shows = async (field: string, expected: string): Promise<void> => {
        for (const end = Date.now() + 30_000; (await value(field)) !== expected;) {
          assert.ok(Date.now() < end, `${field} is ${await value(field)}, not ${expected}`);
          await frame.waitForTimeout(50);
        }
      };
      await frame.locator('[data-field="recovery.optimizer"]').focus();
      await press('Space');
      await press('ArrowUp');
      await press('Enter');
      await shows('recovery.optimizer', 'sgd');
      await frame.locator('[data-field="duplicates"]').focus();
      await press('ArrowDown');
      await frame.locator('.slider input').focus();
      for (const [key, expected] of [['ArrowRight', '1.1'], ['ArrowRight', '1.2'], ['ArrowLeft', '1.1']] as const) {
        await press(key);
        await shows('target.epsilon', expected);
      }
      await frame.locator('[data-field="augmentation.flip"]').focus();
      await press('Space');
      assert.equal(await frame.locator('[data-field="augmentation.flip"]').isChecked(), true);
      const requests = frame.locator('vscode-button[aria-label^="Remove request"]');
      await requests.first().focus();
      await press('Enter');
      await requests.first().waitFor({ state: 'detached' });
      await workbench.save();
      const written = JSON.parse(await contentOf(request)) as { readonly augmentation: unknown; readonly forget: object; readonly recovery: { readonly optimizer: string } };
      assert.deepEqual([written.augmentation, 'requests' in written.forget, written.recovery.optimizer], [{ flip: true }, false, 'sgd']);
      await workbench.command('View: Close All Editors');
    });
  } catch (error) {
    await workbench.screenshot('failed');
    throw error;
  } finally {
    await workbench.close();
  }
}
