import { strict as assert } from 'node:assert';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import path from 'node:path';
import { root } from '../../scripts/root';
import { step } from './step';
import { Workbench } from './workbench';

/** The list of engines, their settings, and the installation of TensorFlow: asked first, cancelled, and failed with the reason. */
export async function engines(scratch: string): Promise<void> {
  cpSync(path.join(root, 'examples/mnist'), path.join(scratch, 'mnist'), { recursive: true });
  // A workspace's settings say what they like: neither a folder with code nor a provider is taken from them.
  mkdirSync(path.join(scratch, '.vscode'));
  writeFileSync(path.join(scratch, '.vscode/settings.json'), JSON.stringify({ 'certifiedUnlearning.engine.tensorflowFolder': '/from-the-workspace', 'certifiedUnlearning.engine.executionProvider': 'cuda' }));
  // A registry that does not answer, so that there is something to cancel; and afterwards one that has nothing.
  const registry = await startRegistry();
  const before = process.env['npm_config_registry'];
  process.env['npm_config_registry'] = registry.url;
  const workbench = await Workbench.open({ folder: scratch });
  const { page } = workbench;
  const install = async (): Promise<void> => {
    await workbench.command('Certified Unlearning: Install TensorFlow Engine…');
    await page.locator('.monaco-dialog-box', { hasText: 'Install the native TensorFlow engine?' }).waitFor();
  };
  try {
    await step('the list says what is there, and what is missing with what to do', async () => {
      await workbench.command('Certified Unlearning: Show Engines');
      const list = page.locator('.quick-input-widget');
      await list.locator('.monaco-list-row', { hasText: 'ONNX Runtime on cpu' }).filter({ hasText: 'onnxruntime-node 1.30.0' }).waitFor();
      await list.locator('.monaco-list-row', { hasText: 'TensorFlow.js on WebAssembly' }).filter({ hasText: '4.22.0' }).waitFor();
      const native = list.locator('.monaco-list-row', { hasText: 'TensorFlow (native)' });
      await native.filter({ hasText: 'is not installed' }).waitFor();
      assert.ok(!(await native.innerText()).includes('from-the-workspace'));
      await workbench.screenshot('engines-list');
    });
    await step('choosing the missing TensorFlow offers to install it, and nothing is installed before it is agreed to', async () => {
      await page.locator('.quick-input-widget .monaco-list-row', { hasText: 'TensorFlow (native)' }).click();
      const dialog = page.locator('.monaco-dialog-box', { hasText: 'Install the native TensorFlow engine?' });
      await dialog.waitFor();
      await workbench.screenshot('engines-install');
      await dialog.locator('.monaco-button', { hasText: 'Cancel' }).click();
      assert.equal(registry.asked(), 0);
    });
    await step('an installation shows how far it is, and cancelling it ends npm', async () => {
      await install();
      await page.locator('.monaco-dialog-box .monaco-button', { hasText: 'Install' }).first().click();
      const notification = page.locator('.notification-toast', { hasText: 'Installing TensorFlow' });
      await notification.filter({ hasText: 'from the npm registry' }).waitFor();
      await workbench.screenshot('engines-installing');
      while (registry.connections() === 0) await page.waitForTimeout(50);
      await notification.locator('.monaco-button', { hasText: 'Cancel' }).click();
      await notification.waitFor({ state: 'detached' });
      while (registry.connections() > 0) await page.waitForTimeout(50);
    });
    await step('an installation that fails says why, with a way to the log', async () => {
      registry.answer();
      await install();
      await page.locator('.monaco-dialog-box .monaco-button', { hasText: 'Install' }).first().click();
      const notification = page.locator('.notification-toast', { hasText: '404 Not Found' });
      await notification.waitFor();
      await workbench.screenshot('engines-failed');
      await notification.locator('.monaco-button', { hasText: 'Show Log' }).click();
      await page.locator('.panel .view-line', { hasText: '404' }).first().waitFor();
    });
    await step('choosing one that is there goes to the settings of the machine, which say what each is for', async () => {
      await workbench.command('Certified Unlearning: Show Engines');
      await page.locator('.quick-input-widget .monaco-list-row', { hasText: 'ONNX Runtime on cpu' }).click();
      await page.locator('.settings-editor .setting-item-description', { hasText: 'Threads that a run computes with' }).waitFor();
      await page.locator('.settings-editor .setting-item-description', { hasText: 'Where ONNX Runtime computes' }).waitFor();
      await workbench.screenshot('engines-settings');
    });
  } catch (error) {
    await workbench.screenshot('failed');
    throw error;
  } finally {
    await workbench.close();
    registry.close();
    if (before === undefined) delete process.env['npm_config_registry'];
    else process.env['npm_config_registry'] = before;
  }
}

interface Registry {
  readonly url: string;
  readonly asked: () => number;
  readonly connections: () => number;
  /** From now on everything is answered with 404. */
  readonly answer: () => void;
  readonly close: () => void;
}

async function startRegistry(): Promise<Registry> {
  let asked = 0;
  let answers = false;
  const open = new Set<Socket>();
  const server = createServer((_request, response) => {
    asked++;
    if (answers) response.writeHead(404, { connection: 'close' }).end('{}');
  });
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    asked: () => asked,
    connections: () => open.size,
    answer: () => {
      answers = true;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
