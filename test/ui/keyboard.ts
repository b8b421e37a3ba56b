import { strict as assert } from 'node:assert';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { root } from '../../scripts/root';
import { certifiedExample, secondCertificate } from './certified-example';
import { step } from './step';
import { everyControlByTab, fromTheTop, tabTo } from './tab-order';
import { Workbench } from './workbench';

/** Every page without a mouse: all controls reached with Tab, in order and visibly, and each kind of them used. */
export async function keyboard(scratch: string): Promise<void> {
  const keys = mkdtempSync(path.join(tmpdir(), 'keys-'));
  const example = certifiedExample(scratch, keys);
  secondCertificate(scratch, example);
  cpSync(path.join(root, 'test/fixtures/models/batchnorm.h5'), path.join(scratch, 'batchnorm.h5'));
  const request = path.join(scratch, 'mnist/forget-c17.unlearn.json');
  const full = JSON.parse(readFileSync(request, 'utf8')) as { forget: object };
  writeFileSync(request, JSON.stringify({ ...full, forget: { ...full.forget, requests: [{ reference: 'T-1', ids: { column: 'contributor', values: ['c20'] } }] } }, undefined, 2));
  const workbench = await Workbench.open({ folder: scratch, trustedKeys: [example.publicKey] });
  const { page } = workbench;
  const press = (key: string): Promise<void> => page.keyboard.press(key);
  /** Opens all that is folded away, one after the other, since some of it holds more. */
  const unfold = async (frame: Frame): Promise<void> => {
    const folded = frame.locator('main details:not([open]) > summary:visible');
    for (let left = await folded.count(); left > 0; left = await folded.count()) {
      const text = await folded.first().innerText();
      await folded.first().focus();
      await press('Enter');
      await frame.locator('main details[open] > summary', { hasText: text }).first().waitFor();
    }
  };
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
      await unfold(frame);
      await frame.locator('[data-field="recovery.momentum"]').waitFor();
      await everyControlByTab(workbench, frame);
    });

    await step('its dropdowns, sliders, boxes and lists are used with Space, Enter and arrows', async () => {
      const frame = await workbench.webview('.chart.bars');
      const value = (field: string): Promise<string> => frame.evaluate<string>(`document.querySelector('[data-field="${field}"]').value`);
      await frame.locator('[data-field="recovery.optimizer"]').focus();
      await press('Space');
      await press('ArrowUp');
      await press('Enter');
      assert.equal(await value('recovery.optimizer'), 'sgd');
      await frame.locator('[data-field="duplicates"]').focus();
      await press('ArrowDown');
      await frame.locator('.slider input').focus();
      const before = await frame.locator('.slider input').inputValue();
      await press('ArrowRight');
      assert.notEqual(await frame.locator('.slider input').inputValue(), before);
      await frame.locator('[data-field="augmentation.flip"]').focus();
      await press('Space');
      assert.equal(await frame.locator('[data-field="augmentation.flip"]').isChecked(), true);
      const requests = frame.locator('vscode-button[aria-label^="Remove request"]');
      await requests.first().focus();
      await press('Enter');
      await requests.first().waitFor({ state: 'detached' });
      await workbench.save();
      const written = JSON.parse(readFileSync(request, 'utf8')) as { readonly augmentation: unknown; readonly forget: object; readonly recovery: { readonly optimizer: string } };
      assert.deepEqual([written.augmentation, 'requests' in written.forget, written.recovery.optimizer], [{ flip: true }, false, 'sgd']);
      await workbench.command('View: Close All Editors');
    });

    const certificate = 'model.unlearning-certificate.json';
    await step('the page of a certificate', async () => {
      await workbench.reveal('mnist', 'model', 'unlearned', certificate);
      await workbench.openFile('mnist', 'model', 'unlearned', certificate);
      const frame = await workbench.webview('.lineage .link');
      await everyControlByTab(workbench, frame);
      await fromTheTop(frame);
      await frame.locator('.verdict-list').evaluate('(list) => list.classList.add("before")');
      await tabTo(workbench, frame, 'Verify Again');
      await press('Enter');
      await frame.locator('.verdict-list:not(.before)').waitFor();
      await frame.locator('.lineage .link').waitFor();
      await fromTheTop(frame);
      await tabTo(workbench, frame, 'Copy as Markdown');
      await press('Space');
      await page.locator('.statusbar-item', { hasText: 'Certificate copied as Markdown' }).waitFor();
      await frame.locator('.schedule-chart svg').focus();
      await press('End');
      const end = await frame.locator('.readout').innerText();
      await press('ArrowLeft');
      assert.notEqual(await frame.locator('.readout').innerText(), end);
      await tabTo(workbench, frame, 'As a table');
      await press('Space');
      await frame.locator('details[open] table').waitFor();
      await fromTheTop(frame);
      await tabTo(workbench, frame, 'Private Report');
      await press('Enter');
    });

    await step('the page of a private report', async () => {
      const frame = await workbench.webview('.moments');
      await unfold(frame);
      await everyControlByTab(workbench, frame);
      await fromTheTop(frame);
      await tabTo(workbench, frame, 'Show Certificate');
      await press('Enter');
      await workbench.webview('.verdict-list');
    });

    await step('the page of a comparison', async () => {
      const from = await workbench.webview('.verdict-list');
      await fromTheTop(from);
      await tabTo(workbench, from, 'Compare…');
      await press('Enter');
      await workbench.pick('again');
      const frame = await workbench.webview('.side-by-side');
      await everyControlByTab(workbench, frame);
      const heads = (): Promise<string> => frame.locator('.side-by-side thead').first().innerText();
      const before = await heads();
      await fromTheTop(frame);
      await tabTo(workbench, frame, 'Swap Sides');
      await press('Enter');
      const end = Date.now() + 30_000;
      while ((await heads()) === before) {
        assert.ok(Date.now() < end, 'the sides were not swapped');
        await frame.waitForTimeout(50);
      }
      await fromTheTop(frame);
      await tabTo(workbench, frame, 'Open Left');
      await press('Enter');
      await workbench.webview('.verdict-list');
    });
  } catch (error) {
    await workbench.screenshot('failed');
    throw error;
  } finally {
    await workbench.close();
    rmSync(keys, { recursive: true, force: true });
  }
}
