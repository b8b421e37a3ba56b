import * as ort from 'onnxruntime-node';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { bind } from '../../../src/graph/bind';
import { GraphBuilder } from '../../../src/graph/builder';
import { differentiate } from '../../../src/graph/differentiate';
import type { Graph } from '../../../src/graph/graph';
import { encodeGraph } from '../../../src/graph/to-onnx';
import { interpret, toTensor } from '../../../src/engine/tensorflow/interpret';

export interface Input {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Builds the operator under test from the names of its inputs; returns the name of its output. */
export type Construction = (build: GraphBuilder, ...inputs: string[]) => string;

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Smooth test values in (−1, 1). */
export function smooth(shape: readonly number[], phase = 0.3, scale = 1): Input {
  return { shape, values: Float32Array.from({ length: sizeOf(shape) }, (_, index) => scale * Math.sin(1.7 * index + phase)) };
}

/** Values at least 0.15 apart from one another and 0.075 from zero, in a scrambled order: finite differences of step 1/32 meet no kink. */
export function separated(shape: readonly number[]): Input {
  const count = sizeOf(shape);
  let stride = Math.max(1, Math.round(count * 0.618));
  while (gcd(stride, count) !== 1) stride++;
  return { shape, values: Float32Array.from({ length: count }, (_, index) => 0.15 * (((index * stride) % count) - Math.floor(count / 2) + 0.5)) };
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** Positive values between 0.5 and 1.5. */
export const positive = (shape: readonly number[]): Input => ({ shape, values: smooth(shape, 0.9, 0.5).values.map((value) => value + 1) });

const feed = ({ shape, values }: Input): ort.Tensor => new ort.Tensor('float32', values, [...shape]);

const open = (graph: Graph): Promise<ort.InferenceSession> => ort.InferenceSession.create(encodeGraph(graph), { intraOpNumThreads: 1, logSeverityLevel: 3 });

/** What PyTorch has in float64: the output, and the gradient by each input that it differentiates. */
export interface Reference {
  readonly output: readonly number[];
  readonly gradients: readonly (readonly number[] | null)[];
}

export interface CheckOptions {
  /** Inputs to differentiate by; all unless given. */
  readonly differentiable?: readonly number[];
  readonly tolerance?: number;
  /** Whether the installed onnxruntime lacks the operator in the operator set that graphs are written in. */
  readonly notInOnnxRuntime?: boolean;
  readonly reference?: Reference;
}

/**
 * Checks an operator in every way there is, for the weighted sum of its output with fixed weights: our expansion of it against onnxruntime's own
 * operator, the gradient of the graph's own differentiation against finite differences on onnxruntime, the TensorFlow kernel's output against
 * onnxruntime's, TensorFlow's own gradient against ours, and output and gradients against PyTorch's.
 */
export async function checkGradient(construct: Construction, inputs: readonly Input[], options: CheckOptions = {}): Promise<void> {
  const wanted = options.differentiable ?? inputs.map((_, index) => index);
  const forward = new GraphBuilder();
  const names = inputs.map(({ shape }) => forward.input('input', shape));
  const output = construct(forward, ...names);
  forward.output(output);
  const bound = bind(forward.build(), { batch: 1 });
  const shape = bound.types.get(output)?.shape ?? [];
  const weights = smooth(shape, 1.1);

  const build = new GraphBuilder(bound);
  const seed = build.input('seed', shape);
  const gradients = differentiate(build, bound, output, seed, wanted.map((index) => names[index] ?? ''));
  const gradientNames = wanted.map((index) => gradients.get(names[index] ?? '') ?? '');
  for (const name of new Set(gradientNames)) build.output(name);
  const backward = await open(build.build());
  const feeds = Object.fromEntries(names.map((name, index) => [name, feed(inputs[index] ?? smooth([]))]));
  const computed = await backward.run({ ...feeds, [seed]: feed(weights) });

  const session = await open(bound);
  const objective = async (changed: Record<string, ort.Tensor>): Promise<number> => {
    const { data, dims } = (await session.run({ ...feeds, ...changed }))[output] ?? feed(smooth([]));
    expect(dims, 'inferred shape').toEqual(shape);
    const values = data as Float32Array;
    return values.reduce((sum, value, index) => sum + value * (weights.values[index] ?? NaN), 0);
  };
  const tolerance = options.tolerance ?? 5e-4;
  for (const [position, index] of wanted.entries()) {
    const input = inputs[index] ?? smooth([]);
    const gradient = computed[gradientNames[position] ?? '']?.data as Float32Array;
    expect(computed[gradientNames[position] ?? '']?.dims).toEqual(input.shape);
    for (let at = 0; at < input.values.length; at++) {
      const moved = async (by: number): Promise<number> => {
        const values = input.values.slice();
        values[at] = (values[at] ?? 0) + by;
        return objective({ [names[index] ?? '']: feed({ shape: input.shape, values }) });
      };
      // Fourth order: the error is h⁴/30 of the fifth derivative, plus float32 rounding of about 1e-6/h of the sum.
      const h = 1 / 32;
      const slope = (8 * ((await moved(h)) - (await moved(-h))) - ((await moved(2 * h)) - (await moved(-2 * h)))) / (12 * h);
      const found = gradient[at] ?? NaN;
      expect(Math.abs(found - slope), `input ${index}, coordinate ${at}: ${found} against ${slope}`).toBeLessThan(tolerance * (1 + Math.abs(slope)));
    }
  }

  await startTensorFlow();
  const expected = (await session.run(feeds))[output]?.data as Float32Array;
  await compareWithOwnOperator(forward.build(), output, feeds, expected, options.notInOnnxRuntime === true);
  compareWithReference(options.reference, expected, new Map(wanted.map((index, position) => [index, computed[gradientNames[position] ?? '']?.data as Float32Array])));
  tf.tidy(() => {
    const fixed = [...bound.tensors.values()].map((tensor) => [tensor.name, toTensor(tf, tensor)] as const);
    const run = (...tensors: tf.Tensor[]): tf.Tensor => {
      const values = new Map<string, tf.Tensor>(fixed);
      names.forEach((name, index) => values.set(name, tf.tensor(inputs[index]?.values ?? [], [...(inputs[index]?.shape ?? [])])));
      wanted.forEach((index, position) => {
        const tensor = tensors[position];
        if (tensor !== undefined) values.set(names[index] ?? '', tensor);
      });
      const result = interpret(tf, bound, values).get(output);
      if (result === undefined) throw new Error('no output');
      return result;
    };
    const starts = wanted.map((index) => tf.tensor(inputs[index]?.values ?? [], [...(inputs[index]?.shape ?? [])]));
    expectClose(run(...starts).dataSync() as Float32Array, expected, 'output on TensorFlow');
    const own = tf.grads((...tensors: tf.Tensor[]) => tf.sum(tf.mul(run(...tensors), tf.tensor(weights.values, [...shape]))))(starts);
    own.forEach((gradient, position) => expectClose(gradient.dataSync() as Float32Array, computed[gradientNames[position] ?? '']?.data as Float32Array, `gradient ${position} on TensorFlow`));
  });
  await Promise.all([session.release(), backward.release()]);
}

/** The graph as it was written, before operators were expanded. */
async function compareWithOwnOperator(graph: Graph, output: string, feeds: Record<string, ort.Tensor>, expected: Float32Array, isMissing: boolean): Promise<void> {
  const opened = await open(graph).catch(() => undefined);
  expect(opened === undefined, 'whether onnxruntime lacks the operator').toBe(isMissing);
  if (opened === undefined) return;
  expectClose((await opened.run(feeds))[output]?.data as Float32Array, expected, 'output of onnxruntime\'s own operator');
  await opened.release();
}

function compareWithReference(reference: Reference | undefined, output: Float32Array, gradients: ReadonlyMap<number, Float32Array>): void {
  if (reference === undefined) return;
  expectClose(output, Float32Array.from(reference.output), 'output against PyTorch');
  for (const [index, gradient] of gradients) {
    const expected = reference.gradients[index];
    if (expected !== null && expected !== undefined) expectClose(gradient, Float32Array.from(expected), `gradient ${index} against PyTorch`);
  }
}

/** Two float32 computations of the same few hundred operations at most. */
function expectClose(found: Float32Array, expected: Float32Array, what: string): void {
  expect(found.length, what).toBe(expected.length);
  expected.forEach((value, index) => expect(Math.abs((found[index] ?? NaN) - value), `${what}, element ${index}: ${found[index] ?? NaN} against ${value}`).toBeLessThan(2e-5 * (1 + Math.abs(value))));
}

let started: Promise<boolean> | undefined;
function startTensorFlow(): Promise<boolean> {
  setWasmPaths(`${join(dirname(createRequire(__filename).resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist')}/`);
  started ??= tf.setBackend('wasm');
  return started;
}
