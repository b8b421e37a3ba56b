import path from 'node:path';
import { Uri, workspace } from 'vscode';
import { suggestMethod } from '../../plan/suggest';
import type { RequestInput } from '../../request/schema';
import { type EngineClient, startEngine } from '../../run/engine-client';
import { guessColumns } from './guess-columns';
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
    const request = {
      version: 1,
      model: path.posix.basename(model.path),
      data: await withColumns(await guessData(model, report.inputShape), model, report.inputShape, engine),
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

/** The columns of a table are what is in it: names that nobody wrote are replaced by those that are likely, or left to be chosen. */
async function withColumns(data: RequestInput['data'], model: Uri, inputShape: readonly (number | 'batch')[], engine: EngineClient): Promise<object> {
  const { train } = data;
  if (!('path' in train) || train.format === 'images' || JSON.stringify([train.label, train.features]) !== JSON.stringify(['label', ['feature*']])) return data;
  const { table } = await engine.inspectData({ source: train, folder: path.dirname(model.fsPath), field: 'data.train' });
  const [, size, ...more] = inputShape;
  return table === undefined ? data : { ...data, train: { format: train.format, path: train.path, ...guessColumns(table.columns, typeof size === 'number' && more.length === 0 ? size : undefined) } };
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
