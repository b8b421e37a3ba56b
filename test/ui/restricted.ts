import { strict as assert } from 'node:assert';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/root';
import { certifiedExample } from './certified-example';
import { step } from './step';
import { Workbench } from './workbench';

/** In Restricted Mode everything can be seen and verified, and nothing runs. */
export async function restricted(scratch: string): Promise<void> {
  const keys = mkdtempSync(path.join(tmpdir(), 'keys-'));
  const { publicKey } = certifiedExample(scratch, keys);
  cpSync(path.join(root, 'test/fixtures/models/batchnorm.h5'), path.join(scratch, 'batchnorm.h5'));
  const workbench = await Workbench.open({
    folder: scratch,
    workspaceTrust: true,
    settings: { 'security.workspace.trust.startupPrompt': 'never' },
    trustedKeys: [publicKey],
  });
  try {
    await step('a request is shown and planned, and the panel says why it does not run', async () => {
      await workbench.openFile('mnist', 'forget-c17.unlearn.json');
      const frame = await workbench.webview('.schedule-chart path.epsilon');
      await frame.locator('p', { hasText: 'Restricted Mode: nothing is run' }).waitFor();
      assert.equal(await frame.locator('vscode-button', { hasText: 'Run Unlearning' }).getAttribute('disabled'), '');
      await frame.locator('p', { hasText: 'Model and data are not read in Restricted Mode' }).waitFor();
      await workbench.screenshot('restricted-panel');
    });
    await step('no run was started', () => {
      assert.equal(existsSync(path.join(scratch, 'mnist/model/.certified-unlearning')), false);
      return Promise.resolve();
    });
    await step('a certificate by a trusted key verifies', async () => {
      await workbench.openFile('model', 'unlearned', 'model.unlearning-certificate.json');
      const frame = await workbench.webview('.verdict-list');
      assert.equal(await frame.locator('.verdict.pass').count(), 3);
      await workbench.screenshot('restricted-certificate');
    });
    await step('a model is shown, and its page does not unlearn', async () => {
      await workbench.openFile('batchnorm.h5');
      const frame = await workbench.webview('#section-tensors');
      await frame.locator('p', { hasText: 'Restricted Mode: nothing is run' }).waitFor();
      assert.equal(await frame.locator('vscode-button', { hasText: 'Unlearn Data' }).getAttribute('disabled'), '');
      await workbench.screenshot('restricted-model');
    });
    await step('the command to unlearn is not offered', async () => {
      const titles = await workbench.offered('Certified Unlearning');
      assert.ok(titles.includes('Certified Unlearning: Verify Certificate'), titles.join(', '));
      assert.ok(!titles.some((title) => title.includes('Unlearn Data')), titles.join(', '));
      assert.ok(!titles.some((title) => title.includes('Cancel Run')), titles.join(', '));
    });
  } catch (error) {
    await workbench.screenshot('failed');
    throw error;
  } finally {
    await workbench.close();
    rmSync(keys, { recursive: true, force: true });
  }
}
