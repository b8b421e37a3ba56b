import { strict as assert } from 'node:assert';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { root } from '../../scripts/root';
import { certifiedExample } from './certified-example';
import { cutOff } from './inspect-page';
import { step } from './step';
import { Workbench } from './workbench';

/** At a zoom of 200 %: half as many pixels of the page on the same screen, two of the screen to each. Every page still shows all that is on it. */
export async function zoom(scratch: string): Promise<void> {
  const keys = mkdtempSync(path.join(tmpdir(), 'keys-'));
  const { publicKey } = certifiedExample(scratch, keys);
  cpSync(path.join(root, 'test/fixtures/models/batchnorm.h5'), path.join(scratch, 'batchnorm.h5'));
  const workbench = await Workbench.open({ folder: scratch, trustedKeys: [publicKey], viewport: { width: 750, height: 500 }, deviceScaleFactor: 2 });
  // From the top of the explorer down: in so small a window it shows few rows at a time.
  const pages = [
    ['model', ['batchnorm.h5'], '#section-tensors'],
    ['panel', ['mnist', 'forget-c17.unlearn.json'], '.chart.bars'],
    ['certificate', ['mnist', 'model', 'unlearned', 'model.unlearning-certificate.json'], '.lineage'],
  ] as const;
  try {
    const shown = async (name: string, selector: string): Promise<Frame> => {
      const frame = await workbench.webview(selector);
      assert.equal(await frame.evaluate('window.devicePixelRatio'), 2);
      assert.deepEqual(await cutOff(frame), []);
      for (const part of ['top', 'middle', 'end']) {
        await frame.evaluate(`window.scrollTo(0, ${part === 'top' ? '0' : part === 'middle' ? 'document.body.scrollHeight / 2' : 'document.body.scrollHeight'})`);
        await workbench.screenshot(`zoom-${name}-${part}`);
      }
      return frame;
    };
    for (const [name, file, selector] of pages) {
      await step(`${name === 'certificate' ? 'certificate and private report' : name}: nothing is cut off`, async () => {
        await workbench.openFile(...file);
        await workbench.command('View: Close Primary Side Bar').catch(() => undefined);
        const frame = await shown(name, selector);
        if (name === 'certificate') {
          await frame.locator('vscode-button', { hasText: 'Private Report' }).click();
          await shown('report', '.chart.losses');
        }
        await workbench.command('View: Close All Editors');
        await workbench.openSidebar('Explorer');
      });
    }
  } catch (error) {
    await workbench.screenshot('failed');
    throw error;
  } finally {
    await workbench.close();
    rmSync(keys, { recursive: true, force: true });
  }
}
