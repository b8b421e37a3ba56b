import { strict as assert } from 'node:assert';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fingerprint, publicKeyFromPem } from '../../src/certificate/keys';
import { certifiedExample } from './certified-example';
import { step } from './step';
import { Workbench } from './workbench';

/** Keys: made, shown, handed out, replaced, trusted; and what a certificate by an unknown one says. */
export async function keys(scratch: string): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'keys-'));
  const { publicKey, certificate: file } = certifiedExample(scratch, folder);
  const signer = fingerprint(publicKeyFromPem(readFileSync(publicKey, 'utf8')));
  const workbench = await Workbench.open({ folder: scratch });
  /** The fingerprint that a notification shows. */
  const shown = async (text: string): Promise<string> => {
    const notification = workbench.notification(text).first();
    await notification.waitFor();
    const [found = ''] = /[0-9a-f]{64}/.exec(await notification.innerText()) ?? [];
    return found;
  };
  const written = async (name: string): Promise<string> => {
    await workbench.answer(path.join(folder, name));
    for (let waits = 0; waits < 200 && !existsSync(path.join(folder, name)); waits++) await workbench.page.waitForTimeout(50);
    return fingerprint(publicKeyFromPem(readFileSync(path.join(folder, name), 'utf8')));
  };
  /** The badge of the certificate in the explorer, as soon as it is the expected one. */
  const mark = async (expected: string): Promise<string> => {
    let found = '';
    for (let waits = 0; waits < 100 && found !== expected; waits++) {
      await workbench.page.waitForTimeout(100);
      const row = '.explorer-folders-view .monaco-list-row[aria-label^="model.unlearning-certificate.json"] .monaco-icon-label';
      found = await workbench.page.evaluate<string>(`getComputedStyle(document.querySelector('${row}') ?? document.body, '::after').content.replaceAll('"', '')`);
    }
    return found;
  };
  const quiet = (): Promise<void> => workbench.command('Notifications: Clear All Notifications');
  try {
    const own = await step('the signing key is made when it is first asked for, and stays the same', async () => {
      await workbench.command('Certified Unlearning: Show Signing Key');
      const made = await shown('Your certificates are signed with the key');
      assert.match(made, /^[0-9a-f]{64}$/);
      await quiet();
      await workbench.command('Certified Unlearning: Show Signing Key');
      assert.equal(await shown('Your certificates are signed with the key'), made);
      await workbench.screenshot('key-shown');
      await quiet();
      return made;
    });
    await step('its public half is exported, and has the same fingerprint', async () => {
      await workbench.command('Certified Unlearning: Export Public Key…');
      assert.equal(await written('exported.pem'), own);
      assert.match(readFileSync(path.join(folder, 'exported.pem'), 'utf8'), /^-----BEGIN PUBLIC KEY-----/);
      assert.equal(await shown('Public key written to'), own);
      await quiet();
    });
    await step('it is replaced after a question, with the old public half kept', async () => {
      await workbench.command('Certified Unlearning: Replace Signing Key…');
      await workbench.dialogButton('Export Old Public Key, Then Replace').waitFor();
      await workbench.screenshot('key-replace');
      await workbench.dialogButton('Export Old Public Key, Then Replace').click();
      assert.equal(await written('old.pem'), own);
      assert.notEqual(await shown('Your new key has the fingerprint'), own);
      await quiet();
    });
    const frame = await step('a certificate by an unknown key says so, everywhere', async () => {
      await workbench.openFile(...file.split('/'));
      const page = await workbench.webview('.verdict.unknown[data-verdict="Signature valid"]');
      assert.ok((await page.locator('.verdict.unknown').first().innerText()).includes(`${signer}, which is not among the trusted keys`));
      assert.match(await page.locator('.banner').innerText(), /Not validly signed/);
      await workbench.openSidebar('Certified Unlearning');
      await workbench.treeRow('model.json', 'certificate by an unknown key · mnist/model/unlearned').waitFor();
      await workbench.screenshot('key-unknown');
      return page;
    });
    await step('once the key is trusted in the settings, page and sidebar follow by themselves', async () => {
      workbench.trust([publicKey]);
      await frame.locator('.verdict.pass').nth(2).waitFor();
      assert.equal(await frame.locator('.banner').count(), 0);
      await workbench.treeRow('model.json', 'certified · mnist/model/unlearned').waitFor();
    });
    await step('and so does the mark of the file in the explorer', async () => {
      await workbench.openSidebar('Explorer');
      assert.equal(await mark('✓'), '✓');
      await workbench.screenshot('key-trusted');
      workbench.trust([]);
      assert.equal(await mark('?'), '?');
    });
  } catch (error) {
    await workbench.screenshot('failed');
    throw error;
  } finally {
    await workbench.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
