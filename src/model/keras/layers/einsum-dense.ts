import { z } from 'zod';
import type { Layer, LayerContext } from '../layer';
import { activationName, applyActivation } from './activation';

const size = z.number().int().positive();
const config = z.object({
  equation: z.string(),
  output_shape: z.union([size.transform((one) => [one]), z.array(size.nullable())]),
  bias_axes: z.string().nullish(),
  activation: activationName,
});

/** Any product of the input with a kernel that Einstein's summation describes: `abc,cd->abd`. */
export const einsumDense: Layer = (context, inputs) => {
  const { equation, output_shape, bias_axes, activation } = context.config(config);
  const input = context.single(inputs);
  const { left, kernel, right } = labelsOf(context, equation, input.shape.length + 1);
  const sizes = new Map<string, number>();
  // The first axis is the batch, whose size nothing needs.
  left.slice(1).forEach((label, axis) => sizes.set(label, input.shape[axis] ?? 1));
  output_shape.toReversed().forEach((length, fromEnd) => {
    const label = right.at(-1 - fromEnd);
    if (label !== undefined && length !== null && !sizes.has(label)) sizes.set(label, length);
  });
  const lengthOf = (label: string): number => {
    const length = sizes.get(label);
    if (length === undefined || label === left[0]) throw context.refusal(`the equation ${equation}`);
    return length;
  };
  const weights = context.weight('kernel', kernel.map(lengthOf));
  const product = context.emit('Einsum', [context.emitter.asShaped(context.name, input), weights], { equation: `${left.join('')},${kernel.join('')}->${right.join('')}` });
  const shape = right.slice(1).map(lengthOf);
  const withBias = bias_axes === null || bias_axes === undefined ? product : context.emit('Add', [product, bias(context, right, bias_axes, lengthOf)]);
  return applyActivation(context, activation, { name: withBias, shape, channelsMovedFirst: false });
};

/** One number along each of the axes named, repeated along the others. */
function bias(context: LayerContext, right: readonly string[], axes: string, lengthOf: (label: string) => number): string {
  const from = right.findIndex((label) => axes.includes(label));
  return context.weight('bias', right.slice(from).map((label) => (axes.includes(label) ? lengthOf(label) : 1)));
}

/** The labels of each axis; dots in front stand for as many axes as are left. */
function labelsOf(context: LayerContext, equation: string, rank: number): { readonly left: readonly string[]; readonly kernel: readonly string[]; readonly right: readonly string[] } {
  const [, before = '', kernel = '', after = ''] = /^([^,]+),([^,]+)->([^,]+)$/.exec(equation.replaceAll(' ', '')) ?? [];
  const spare = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ').filter((label) => !equation.includes(label)).slice(0, Math.max(0, rank - before.replace('...', '').length)).join('');
  const [left, right] = [before, after].map((labels) => Array.from(labels.replace(/^\.\.\./, spare)));
  if (left === undefined || right === undefined || left.length !== rank || [...left, ...right, ...Array.from(kernel)].includes('.') || left[0] !== right[0]) throw context.refusal(`the equation ${equation}`);
  return { left, kernel: Array.from(kernel), right };
}
