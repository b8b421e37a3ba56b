import type { Value } from './value';

/** One output of one call of a layer: `dense_1#0#0`. A layer that is shared is called more than once. */
export type Reference = string;

/** The place of a tensor among the arguments of a call. */
export class TensorArgument {
  readonly reference: Reference;

  constructor(reference: Reference) {
    this.reference = reference;
  }
}

/** How a layer is called: its arguments as the file writes them, with a `TensorArgument` for every tensor, at any depth. */
export interface Call {
  readonly positional: readonly unknown[];
  readonly named: Readonly<Record<string, unknown>>;
}

/** The references that a call reads, in the order of its arguments. */
export function readsOf({ positional, named }: Call): readonly Reference[] {
  return [...positional, ...Object.values(named)].flatMap(tensorsIn).map(({ reference }) => reference);
}

/** The same call with every tensor put through `change`. */
export function mapTensors({ positional, named }: Call, change: (tensor: TensorArgument) => unknown): Call {
  return {
    positional: positional.map((argument) => mapped(argument, change)),
    named: Object.fromEntries(Object.entries(named).map(([name, argument]) => [name, mapped(argument, change)])),
  };
}

/**
 * The tensors that a call works on, in the order of its arguments, each with the mask that the call gives for it:
 * Keras 3 writes down how masks come to be, and hands them on as arguments.
 */
export function inputsOf({ positional, named }: Call): readonly Value[] {
  const { mask } = named;
  const inputs = [...positional, ...Object.entries(named).filter(([name]) => !name.endsWith('mask')).map(([, argument]) => argument)].flatMap(valuesIn);
  const masks = Array.isArray(mask) ? mask : [mask];
  return inputs.map((input, at) => masked(input, masks[at]));
}

/** @param mask another value than a tensor leaves the mask that there is */
export function masked(input: Value, mask: unknown): Value {
  return isValue(mask) ? { ...input, mask: mask.name } : input;
}

export function isValue(argument: unknown): argument is Value {
  return typeof argument === 'object' && argument !== null && 'channelsMovedFirst' in argument;
}

function valuesIn(argument: unknown): readonly Value[] {
  if (isValue(argument)) return [argument];
  if (Array.isArray(argument)) return argument.flatMap(valuesIn);
  return typeof argument === 'object' && argument !== null ? Object.values(argument).flatMap(valuesIn) : [];
}

function tensorsIn(argument: unknown): readonly TensorArgument[] {
  if (argument instanceof TensorArgument) return [argument];
  if (Array.isArray(argument)) return argument.flatMap(tensorsIn);
  return typeof argument === 'object' && argument !== null ? Object.values(argument).flatMap(tensorsIn) : [];
}

function mapped(argument: unknown, change: (tensor: TensorArgument) => unknown): unknown {
  if (argument instanceof TensorArgument) return change(argument);
  if (Array.isArray(argument)) return argument.map((part) => mapped(part, change));
  if (typeof argument !== 'object' || argument === null) return argument;
  return Object.fromEntries(Object.entries(argument).map(([name, part]) => [name, mapped(part, change)]));
}
