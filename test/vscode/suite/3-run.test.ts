import { strict as assert } from 'node:assert';
import { commands, TabInputCustom, tasks, type Uri, window } from 'vscode';
import { exists, file, readJson, until, writeJson } from './workspace';
import type { Suite } from './suite';

const output = file('mnist', 'model', 'unlearned', 'model.json');
const certificate = file('mnist', 'model', 'unlearned', 'model.unlearning-certificate.json');

/** The example's request, changed. */
async function request(name: string, changes: Record<string, unknown>): Promise<Uri> {
  const uri = file('mnist', name);
  await writeJson(uri, { ...(await readJson(file('mnist', 'forget-c17.unlearn.json'))), ...changes });
  return uri;
}

export const tests: Suite = {
  'a cancelled run leaves nothing behind': async () => {
    const uri = await request('long.unlearn.json', { recovery: { epochs: 1000 } });
    const run = commands.executeCommand('certifiedUnlearning.run', uri);
    await until('the engine at work', () => exists(file('mnist', '.certified-unlearning')));
    await commands.executeCommand('certifiedUnlearning.cancelRun');
    await run;
    assert.equal(await exists(output), false);
    assert.equal(await exists(file('mnist', '.certified-unlearning')), false);
  },
  'a run writes the model and a certificate, and keeps its report private': async () => {
    const uri = await request('quick.unlearn.json', { recovery: { epochs: 0.1 } });
    await commands.executeCommand('certifiedUnlearning.run', uri);
    assert.equal(await exists(output), true);
    assert.equal((await readJson(certificate))['mediaType'], 'application/vnd.dev.sigstore.bundle.v0.3+json');
    assert.equal(await exists(file('mnist', '.certified-unlearning', 'runs')), true);
  },
  'every request is a task, and the task says how its run ended': async () => {
    const found = (await tasks.fetchTasks({ type: 'certifiedUnlearning' })).find(({ definition }) => definition['request'] === 'mnist/wrong.unlearn.json');
    assert.ok(found, 'there is no task for the request');
    const ended = new Promise<void>((resolve) => {
      tasks.onDidEndTask(({ execution }) => {
        if (execution.task.name === found.name) resolve();
      });
    });
    await tasks.executeTask(found); // its request is invalid: it ends at once
    await ended;
  },
  'the certificate of a model opens on its page': async () => {
    await commands.executeCommand('certifiedUnlearning.showCertificate', output);
    await until('the page', () => {
      const input = window.tabGroups.activeTabGroup.activeTab?.input;
      return input instanceof TabInputCustom && input.viewType === 'certifiedUnlearning.certificate' && input.uri.path === certificate.path;
    });
  },
};
