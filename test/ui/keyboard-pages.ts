import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { certifiedExample, secondCertificate } from './certified-example';
import { step } from './step';
import { everyControlByTab, fromTheTop, tabTo, unfold } from './tab-order';
import { Workbench } from './workbench';

/** The read-only pages without a mouse: certificate, private report, comparison. */
export async function keyboardPages(scratch: string): Promise<void> {
  const keys = mkdtempSync(path.join(tmpdir(), 'keys-'));
  const example = certifiedExample(scratch, keys);
  secondCertificate(scratch, example);
  const workbench = await Workbench.open({ folder: scratch, trustedKeys: [example.publicKey] });
  const { page } = workbench;
  const press = (key: string): Promise<void> => page.keyboard.press(key);
  try {
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
      await unfold(workbench, frame);
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
