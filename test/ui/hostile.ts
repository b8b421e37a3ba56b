import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { encodeBundle } from '../../src/certificate/bundle';
import { signEnvelope } from '../../src/certificate/dsse';
import { createKeyPair, signerFromPem } from '../../src/certificate/keys';
import { certifiedExample } from './certified-example';
import { step } from './step';
import { Workbench } from './workbench';

const markup = '<img src=x onerror="document.title=1"><script>document.title=2</script><style>*{display:none}</style>';

/** A certificate comes from a stranger: whatever is in it is shown, and does nothing. */
export async function hostile(scratch: string): Promise<void> {
  const keys = mkdtempSync(path.join(tmpdir(), 'keys-'));
  const { certificate, privateKey, publicKey } = certifiedExample(scratch, keys);
  const home = path.dirname(path.join(scratch, certificate));
  const { dsseEnvelope } = JSON.parse(readFileSync(path.join(scratch, certificate), 'utf8')) as { dsseEnvelope: { payload: string } };
  const statement = JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString('utf8')) as { predicate: { limits: string[]; software: object; guarantee: { epsilon: number } } };
  statement.predicate.software = { name: markup, version: markup };
  statement.predicate.limits = [markup];
  const forge = async (name: string, pem: string, content: object): Promise<void> => {
    const signer = signerFromPem(pem);
    const envelope = await signEnvelope(Buffer.from(JSON.stringify(content)), signer);
    writeFileSync(path.join(home, name), encodeBundle(envelope, signer.fingerprint));
  };
  await forge('stranger.unlearning-certificate.json', createKeyPair().privateKey, statement);
  await forge('lying.unlearning-certificate.json', readFileSync(privateKey, 'utf8'), { ...statement, predicate: { ...statement.predicate, guarantee: { ...statement.predicate.guarantee, epsilon: 0.001 } } });
  writeFileSync(path.join(home, 'damaged.unlearning-certificate.json'), `{"mediaType": "${markup.replaceAll('"', '\\"')}"`);
  const workbench = await Workbench.open({ folder: scratch, trustedKeys: [publicKey] });
  try {
    await workbench.reveal('mnist', 'model', 'unlearned', 'stranger.unlearning-certificate.json');
    await step('markup in a certificate is shown as text, under a warning', async () => {
      await workbench.openFile('stranger.unlearning-certificate.json');
      const frame = await workbench.webview('.banner');
      assert.equal(await frame.locator('.verdict.pass').count(), 0);
      assert.equal(await frame.locator('img, .verdict-list script, main style').count(), 0);
      assert.ok(await frame.getByText(markup).first().isVisible());
      assert.notEqual(await frame.title(), '1');
      await workbench.screenshot('hostile-stranger');
    });
    await step('a smaller ε than the schedule gives does not verify, though it is signed by a trusted key', async () => {
      await workbench.openFile('lying.unlearning-certificate.json');
      const frame = await workbench.webview('.verdict.fail[data-verdict^="Accounting"]');
      assert.equal(await frame.locator('.verdict.pass[data-verdict^="Signature"]').count(), 1);
      assert.equal(await frame.locator('.schedule-chart').count(), 0);
      await workbench.screenshot('hostile-lying');
    });
    await step('a damaged file says that it is damaged', async () => {
      await workbench.openFile('damaged.unlearning-certificate.json');
      const frame = await workbench.webview('.verdict.fail[data-verdict^="Signature"]');
      assert.equal(await frame.locator('.verdict.pass').count(), 0);
      await workbench.screenshot('hostile-damaged');
    });
  } catch (error) {
    await workbench.screenshot('failed');
    throw error;
  } finally {
    await workbench.close();
    rmSync(keys, { recursive: true, force: true });
  }
}
