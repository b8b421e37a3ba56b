import { strict as assert } from 'node:assert';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/root';
import { audit } from './audit';
import { bringIntoView } from './bring-into-view';
import { certifiedExample } from './certified-example';
import { PanelPage } from './panel-page';
import { step } from './step';
import { themes, Workbench } from './workbench';

/** More tensors than are drawn at first. */
const many = 700;

/** Opening a model shows what it holds, and leads to unlearning and to the certificates that speak of it. */
export async function modelPage(scratch: string): Promise<void> {
  const keys = mkdtempSync(path.join(tmpdir(), 'keys-'));
  const { publicKey } = certifiedExample(scratch, keys);
  cpSync(path.join(root, 'test/fixtures/models/batchnorm.h5'), path.join(scratch, 'batchnorm.h5'));
  writeFileSync(path.join(scratch, 'damaged.h5'), 'not HDF5');
  cpSync(path.join(root, 'test/fixtures/models/torch/exported.onnx'), path.join(scratch, 'constants.onnx'));
  const known = readFileSync(path.join(root, 'test/fixtures/models/batchnorm.h5'), 'latin1');
  writeFileSync(path.join(scratch, 'unknown.hdf5'), known.replaceAll('"class_name": "ReLU"', '"class_name": "WeLU"'), 'latin1');
  writeFileSync(path.join(scratch, 'many.safetensors'), manyTensors());
  const workbench = await Workbench.open({ folder: scratch, trustedKeys: [publicKey] });
  try {
    const page = await step('a double click on a model shows its format, tensors and their roles', async () => {
      await workbench.openFile('batchnorm.h5');
      const frame = await workbench.webview('main table');
      assert.match(await frame.locator('header').innerText(), /batchnorm\.h5\s+Keras 2 HDF5/);
      const rows = await frame.locator('#section-tensors + div tbody tr').allInnerTexts();
      assert.ok(rows.some((row) => /kernel:0\t.* × .*\ttrained\t[\d,]+\tfloat32\t[\d.]+/.test(row)), rows.join('\n'));
      assert.ok(rows.some((row) => /moving_mean:0\t\d+\tcomputed from data\t/.test(row)), rows.join('\n'));
      await frame.locator('p', { hasText: 'No certificate in this workspace is about this file.' }).waitFor();
      await workbench.screenshot('model-page');
      return frame;
    });
    await step('nothing for axe-core to find in any theme, and nothing cut off in a narrow window', async () => {
      for (const theme of themes) {
        await workbench.theme(theme);
        assert.deepEqual(await audit(page), []);
      }
      await workbench.page.setViewportSize({ width: 760, height: 1000 });
      assert.equal(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'), 0);
      await workbench.screenshot('model-page-narrow');
      await workbench.page.setViewportSize({ width: 1500, height: 1000 });
    });
    await step('its button, pressed by keyboard, opens the panel of a request for this model', async () => {
      await page.locator('vscode-button', { hasText: 'Unlearn Data from Model' }).focus();
      await workbench.page.keyboard.press('Enter');
      await new PanelPage(await workbench.webview('[data-field="model"]')).shows('model', 'batchnorm.h5');
    });
    await step('of many tensors the first are drawn, all when asked for, and some by name', async () => {
      await workbench.openFile('many.safetensors');
      const frame = await workbench.webview('vscode-text-field[aria-label^="Filter"]');
      const rows = frame.locator('#section-tensors + div tbody tr');
      assert.equal(await rows.count(), 500);
      await frame.locator('vscode-button', { hasText: 'Show All' }).click();
      assert.equal(await rows.count(), many);
      await frame.locator('vscode-text-field input').fill('LAYER.12.');
      assert.deepEqual(await rows.locator('td:first-child').allInnerTexts(), ['layer.12.weight']);
      await frame.locator('p', { hasText: `1 of ${many} are shown.` }).waitFor();
      await frame.locator('p', { hasText: 'What stands against training it: the file holds tensors' }).waitFor();
      await workbench.screenshot('model-page-many');
    });
    await step('a model with an unknown layer shows its tensors, and what stands against training it', async () => {
      await workbench.openFile('unknown.hdf5');
      const frame = await workbench.webview('p.problem');
      assert.match(await frame.locator('p.problem').innerText(), /What stands against training it: layer `re_lu` \(WeLU\) is not supported yet\./);
      assert.ok((await frame.locator('#section-tensors + div tbody tr').allInnerTexts()).some((row) => /moving_mean:0\t\d+\tcomputed from data\t/.test(row)));
      await workbench.screenshot('model-page-unknown-layer');
    });
    await step('constants that a file stores are listed as that', async () => {
      await workbench.openFile('constants.onnx');
      const frame = await workbench.webview('td:text-is("val_24")');
      assert.ok((await frame.locator('#section-tensors + div tbody tr').allInnerTexts()).some((row) => /^val_24\t.*\tconstant\t/.test(row)));
      await workbench.screenshot('model-page-constants');
    });
    await step('a damaged file says what is wrong and what to do', async () => {
      await workbench.openFile('damaged.h5');
      const frame = await workbench.webview('[role="alert"]');
      assert.match(await frame.locator('main').innerText(), /the file is not HDF5, whatever its name says\.\s+Copy or download it again\./);
      assert.deepEqual(await audit(frame), []);
    });
    await step('a released model leads to its certificate', async () => {
      await workbench.reveal('mnist', 'model', 'unlearned', 'model.unlearning-certificate.json');
      await workbench.openSidebar('Certified Unlearning');
      await workbench.treeRow('model.json', 'certified · mnist/model/unlearned').click();
      const frame = await workbench.webview('#section-tensors');
      await frame.locator('.certificates .link').waitFor();
      assert.match(await frame.locator('.certificates').innerText(), /^mnist\/model\/unlearned\/model\.unlearning-certificate\.json certified/);
      await bringIntoView(frame.locator('.certificates'));
      await workbench.screenshot('model-page-certified');
      await frame.locator('.link').click();
      const certificate = await workbench.webview('.verdict-list');
      assert.equal(await certificate.locator('.verdict.pass').count(), 3);
    });
  } catch (error) {
    await workbench.screenshot('failed');
    throw error;
  } finally {
    await workbench.close();
    rmSync(keys, { recursive: true, force: true });
  }
}

/** A safetensors file of tensors with one number each. */
function manyTensors(): Buffer {
  const header = Buffer.from(JSON.stringify(Object.fromEntries(Array.from({ length: many }, (_, index) => [`layer.${index}.weight`, { dtype: 'F32', shape: [1], data_offsets: [4 * index, 4 * index + 4] }]))));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(4 * many)]);
}
