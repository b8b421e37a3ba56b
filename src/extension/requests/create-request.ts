import path from 'node:path';
import { Uri, workspace } from 'vscode';
import { suggestMethod } from '../../plan/suggest';
import type { RequestInput } from '../../request/schema';
import { startEngine } from '../../run/engine-client';
import { guessData } from './guess-data';

const target = { epsilon: 1, delta: 1e-5 };

/**
 * Writes a request for a model beside it: data as it lies around, radii and steps from the model's shapes. Whom to forget is left
 * to the user, so the request does not run before that is said.
 * @throws UserError where the model cannot be read
 */
export async function createRequest(model: Uri): Promise<Uri> {
  const engine = startEngine();
  try {
    const report = await engine.inspect({ model: model.fsPath });
    const request: RequestInput = {
      version: 1,
      model: path.posix.basename(model.path),
      data: await guessData(model, report.inputShape),
      forget: {},
      target,
      method: suggestMethod(),
      recovery: { epochs: 3 },
    };
    const uri = await freeName(model);
    await workspace.fs.writeFile(uri, Buffer.from(`${JSON.stringify(request, undefined, 2)}\n`));
    return uri;
  } finally {
    engine.dispose();
  }
}

/** `mnist.unlearn.json`, or `mnist-2.unlearn.json` where that is taken. */
async function freeName(model: Uri): Promise<Uri> {
  const stem = path.posix.basename(model.path, path.posix.extname(model.path));
  for (let number = 1; ; number++) {
    const uri = Uri.joinPath(model, '..', `${stem}${number === 1 ? '' : `-${number}`}.unlearn.json`);
    const taken = await Promise.resolve(workspace.fs.stat(uri)).then(() => true, () => false);
    if (!taken) return uri;
  }
}
