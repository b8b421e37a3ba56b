import { UserError } from '../../error';

/** What the description of a model consists of, in every version of Keras. */
const members = new Set(['module', 'class_name', 'config', 'registered_name', 'build_config', 'compile_config', 'keras_version', 'backend']);

/** @throws UserError data-unexpected where something was added to the description of a model */
export function requireKnownMembers(config: unknown, file: string): void {
  const foreign = Object.keys(typeof config === 'object' && config !== null ? config : {}).find((key) => !members.has(key));
  if (foreign === undefined) return;
  throw new UserError('data-unexpected', `the model's configuration has a member \`${foreign}\`, which Keras does not write; nothing can be promised about what it remembers.`, { file, remedy: 'Save the model again with Keras, without such notes.' });
}

/** Layers are nested in models, and these in others. */
const deepest = 64;

/**
 * Initial values in a model's description that are numbers of somebody's choice, as `b.bias_initializer = -2.94`: often the logarithm of how frequent
 * a class was in the data. The description is kept as it is, so a certificate has to say so.
 */
export function chosenConstants(config: unknown): readonly string[] {
  return [...constantsIn(config, '', 0)];
}

function* constantsIn(part: unknown, layer: string, depth: number): Generator<string> {
  if (typeof part !== 'object' || part === null || depth > deepest) return;
  const name = 'name' in part && typeof part.name === 'string' ? part.name : layer;
  for (const [key, value] of Object.entries(part)) {
    const constant = key.endsWith('_initializer') ? constantOf(value) : undefined;
    if (constant !== undefined) yield `${name}.${key} = ${constant}`;
    yield* constantsIn(value, name, depth + 1);
  }
}

/** What a constant initialiser sets, where it is neither 0 nor 1. */
function constantOf(initializer: unknown): string | undefined {
  if (typeof initializer !== 'object' || initializer === null || !('class_name' in initializer) || initializer.class_name !== 'Constant') return undefined;
  const { config } = initializer as { readonly config?: { readonly value?: unknown } };
  const value = config?.value ?? 0;
  return value === 0 || value === 1 ? undefined : JSON.stringify(value).slice(0, 60);
}
