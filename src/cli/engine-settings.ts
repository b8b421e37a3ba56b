import { join, resolve } from 'node:path';
import { UserError } from '../error';
import type { EngineSettings } from '../protocol/engine-settings';
import { configurationFolder } from './signing-key';

/** Options of every command that opens engines; each has an environment variable for machines that always want the same. */
export const engineFlags = { threads: { type: 'string' }, provider: { type: 'string' }, tensorflow: { type: 'string' } } as const;

export const engineUsage = `--threads N         threads inside an operator; as many as there are processors, at most 8, unless given (CERTIFIED_UNLEARNING_THREADS)
--provider NAME     execution provider of onnxruntime: cpu unless given (CERTIFIED_UNLEARNING_PROVIDER)
--tensorflow FOLDER an installed @tensorflow/tfjs-node; unless given, one in the current folder, or what install-tensorflow installed (CERTIFIED_UNLEARNING_TENSORFLOW)`;

/** Where `install-tensorflow` installs to. */
export function tensorflowHome(environment: NodeJS.ProcessEnv = process.env): string {
  return join(configurationFolder(environment), 'tensorflow');
}

type Given = { readonly [name in keyof typeof engineFlags]?: string | undefined };

/** What flags and environment let the engines use. Throws `UserError` `bad-arguments`. */
export function engineSettings(given: Given, environment: NodeJS.ProcessEnv = process.env): EngineSettings {
  const asked = (flag: keyof Given): string | undefined => {
    const value = given[flag] ?? environment[`CERTIFIED_UNLEARNING_${flag.toUpperCase()}`];
    return value === '' ? undefined : value;
  };
  const folder = asked('tensorflow');
  return {
    threads: threadsOf(asked('threads')),
    executionProvider: asked('provider'),
    tensorflowFolder: folder === undefined ? undefined : resolve(folder),
    tensorflowPlaces: [process.cwd(), tensorflowHome(environment)],
  };
}

function threadsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const threads = Number(text);
  if (!/^\d+$/.test(text) || threads < 1 || threads > 1024) throw new UserError('bad-arguments', `"${text}" is no number of threads; 1 to 1024 are`, { remedy: 'Give a whole number, such as --threads 2, or leave it out.' });
  return threads;
}
