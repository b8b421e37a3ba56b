import { strict as assert } from 'node:assert';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bringIntoView } from './bring-into-view';
import { certifiedExample, secondCertificate } from './certified-example';
import { inspectPage } from './inspect-page';
import { step } from './step';
import { Workbench } from './workbench';

/** Two certificates of one model: compared, traced, printed, and with the private reports of their runs. */
export async function certificates(scratch: string): Promise<void> {
  const keys = mkdtempSync(path.join(tmpdir(), 'keys-'));
  const example = certifiedExample(scratch, keys);
  secondCertificate(scratch, example);
  const workbench = await Workbench.open({ folder: scratch, trustedKeys: [example.publicKey] });
  const { page } = workbench;
  const name = 'model.unlearning-certificate.json';
  try {
    await step('two certificates that are selected in the sidebar are compared', async () => {
      await workbench.openSidebar('Certified Unlearning');
      const rows = [workbench.treeRow(name, 'holds · mnist/model/again'), workbench.treeRow(name, 'holds · mnist/model/unlearned')];
      await workbench.selectRows(...rows);
      const titles = await workbench.menuOf(workbench.treeRow(name, 'holds · mnist/model/unlearned'));
      assert.ok(titles.includes('Compare Certificates…'), titles.join(', '));
      assert.ok(!titles.some((title) => title.startsWith('Save Certificate')), titles.join(', '));
      await workbench.choose('Compare Certificates…');
    });
    const comparison = await step('what differs is marked by a word, and the schedules lie over each other', async () => {
      const frame = await workbench.webview('.side-by-side');
      const row = async (label: string): Promise<string> => frame.locator('.side-by-side tr', { has: frame.getByText(label, { exact: true }) }).innerText();
      assert.match(await row('ε'), /ε\s+(1\s+2|2\s+1)\s+≠ differs/);
      assert.match(await row('δ'), /1e-5\s+1e-5\s+same/);
      assert.match(await row('Forgotten records'), /100\s+200|200\s+100/);
      assert.match(await row('Commitment to the retained records'), /always differs/);
      assert.match(await row('Signed with the key'), /same/);
      assert.ok(await frame.locator('.schedule-chart .line.epsilon').count() > 1);
      assert.match(await frame.locator('.summary').innerText(), /^\d+ lines differ\.$/);
      await workbench.screenshot('comparison-certificates');
      await bringIntoView(frame.locator('.legend'));
      await workbench.screenshot('comparison-schedules');
      return frame;
    });
    await step('what is the same can be left out, by keyboard', async () => {
      const all = await comparison.locator('.side-by-side tbody tr').count();
      await comparison.locator('#only-changed').focus();
      await page.keyboard.press('Space');
      const changed = await comparison.locator('.side-by-side tbody tr').count();
      assert.equal(changed, await comparison.locator('.side-by-side tr.differs').count());
      assert.ok(changed < all && changed > 0, `${changed} of ${all}`);
      await page.keyboard.press('Space');
    });
    await inspectPage(workbench, 'comparison', comparison);
    await step('after a reload of the window the comparison is there again', async () => {
      await workbench.reload();
      const frame = await workbench.webview('.side-by-side');
      assert.match(await frame.locator('h1').innerText(), /Two certificates/);
      await workbench.command('View: Close All Editors');
    });
    await step('two that are selected in the explorer are compared, and a single one asks for the other', async () => {
      await workbench.openSidebar('Explorer');
      await workbench.reveal('mnist', 'model', 'again', name);
      await workbench.reveal('unlearned');
      await workbench.row('unlearned').click();
      const rows = workbench.row(name);
      await rows.nth(1).waitFor();
      await workbench.selectRows(rows.nth(0), rows.nth(1));
      assert.ok((await workbench.menuOf(rows.nth(1))).includes('Compare Certificates…'));
      await workbench.choose('Compare Certificates…');
      await workbench.webview('.side-by-side');
      await workbench.command('View: Close All Editors');
    });
    const certificate = await step('the lineage says what both guarantee together for the records of the first request', async () => {
      await workbench.row(name).nth(1).dblclick();
      const frame = await workbench.webview('.lineage .link');
      assert.equal(await frame.locator('.lineage li').count(), 2);
      assert.match(await frame.locator('.lineage li').first().innerText(), /\(this one\)\s+100 records forgotten, ε = 1 at δ = 1e-5, finished on [\d/]+\s+Started from the original mnist\/model\/model\.json\./);
      const rows = await frame.locator('table', { hasText: 'What holds for the records of each request' }).locator('tbody tr').allInnerTexts();
      // Two runs from one original: μ(1)² + μ(2)² at δ = 1e-5 is more than ε = 2.
      const together = Number(/ε = [\d.]+\s+ε = ([\d.]+)/.exec(rows[0] ?? '')?.[1]);
      assert.ok(together > 2 && together < 3, rows[0]);
      assert.match(rows[0] ?? '', /which adds up/);
      await bringIntoView(frame.locator('.lineage'));
      await workbench.screenshot('certificate-lineage');
      return frame;
    });
    await step('it is copied as Markdown', async () => {
      await certificate.locator('vscode-button', { hasText: 'Copy as Markdown' }).click();
      await page.locator('.statusbar-item', { hasText: 'Certificate copied as Markdown' }).waitFor();
      assert.match(await page.evaluate('navigator.clipboard.readText()'), /^# Certificate of unlearning/);
    });
    await step('it is saved as a tagged PDF, beside the certificate unless told otherwise', async () => {
      const file = path.join(scratch, 'mnist/model/unlearned/model.unlearning-certificate.pdf');
      await certificate.locator('vscode-button', { hasText: 'Save as PDF' }).click();
      const input = page.locator('.quick-input-widget .quick-input-box input').first();
      await input.waitFor({ state: 'visible' });
      await page.waitForTimeout(700);
      assert.match(await input.inputValue(), /unlearned\/model\.unlearning-certificate\.pdf$/);
      await page.keyboard.press('Enter');
      await workbench.notification('The certificate was written to').waitFor();
      assert.ok(existsSync(file));
      const bytes = readFileSync(file).toString('latin1');
      assert.match(bytes, /^%PDF-1\.7/);
      assert.match(bytes, /\/StructTreeRoot/);
      await workbench.screenshot('certificate-pdf');
    });
    const report = await step('the private report opens from the certificate, with what is not on it', async () => {
      await certificate.locator('vscode-button', { hasText: 'Private Report' }).click();
      const frame = await workbench.webview('.private');
      const rows = await frame.locator('table', { hasText: 'Accuracy and loss' }).locator('tbody tr').allInnerTexts();
      assert.equal(rows.length, 3);
      assert.match(rows[1] ?? '', /^forgotten\s+100\s+\d+\.\d\d % \(loss/);
      assert.ok(await frame.locator('.moments .line').count() === 3 && await frame.locator('.losses .line').count() >= 1);
      assert.match(await frame.locator('dl').first().innerText(), /Memory of the engine at most\s+[\d,]+ MB/);
      await workbench.screenshot('report');
      await bringIntoView(frame.locator('.losses'));
      await workbench.screenshot('report-loss');
      return frame;
    });
    await inspectPage(workbench, 'report', report);
    await step('and leads back to its certificate', async () => {
      await report.locator('vscode-button', { hasText: 'Show Certificate' }).click();
      await workbench.webview('.verdict-list');
    });
    await step('a report that is damaged says so', async () => {
      await workbench.command('View: Close All Editors');
      const runs = path.join(scratch, 'mnist/.certified-unlearning/runs');
      const [run = ''] = readdirSync(runs);
      writeFileSync(path.join(runs, run, 'report.json'), '{"statement": 1}');
      await workbench.reveal('mnist', '.certified-unlearning', 'runs', run);
      await workbench.openFile('mnist', '.certified-unlearning', 'runs', run, 'report.json');
      const frame = await workbench.webview('.problem');
      assert.match(await frame.locator('.problem').innerText(), /this is not the private report of a run.*Open it as text/s);
    });
  } catch (error) {
    await workbench.screenshot('failed');
    throw error;
  } finally {
    await workbench.close();
    rmSync(keys, { recursive: true, force: true });
  }
}
