import type { RequestInput } from '../../src/request/schema';

type Method = RequestInput['method'];
export type MethodName = Method['name'];

/** What each method cannot do without, and a value to begin with where the method before had none. */
const required: Readonly<Record<MethodName, Readonly<Record<string, number>>>> = {
  'layered-gradient-clipping': { learningRate: 0.1, decay: 1, steps: 100 },
  'gradient-clipping': { initialRadius: 10, gradientRadius: 0.01, learningRate: 0.1, decay: 1, steps: 100 },
  'sequential-subspaces': { initialRadius: 10, gradientRadius: 0.01, learningRate: 0.1, decay: 1, steps: 100 },
  'model-clipping': { initialRadius: 10, learningRate: 0.1, steps: 10 },
  'output-perturbation': { initialRadius: 10 },
  'gaussian-restart': {},
  retrain: {},
  'convex-head': {},
};

/** Besides, what each keeps of a method before it. */
const kept: Readonly<Record<MethodName, readonly string[]>> = {
  'layered-gradient-clipping': ['batchSize', 'learningRateShape', 'sigmaShape'],
  'gradient-clipping': ['batchSize', 'learningRateShape', 'sigmaShape'],
  'sequential-subspaces': ['batchSize', 'learningRateShape', 'sigmaShape'],
  'model-clipping': ['batchSize'],
  'output-perturbation': [],
  'gaussian-restart': [],
  retrain: [],
  'convex-head': ['batchSize'],
};

/** The method section of a request after another method is chosen: parameters that both have stay, σ is computed anew. */
export function switchedMethod(before: unknown, name: MethodName): unknown {
  const old = (typeof before === 'object' && before !== null ? before : {}) as Readonly<Record<string, unknown>>;
  const needed = Object.entries(required[name]).map(([key, value]) => [key, old[key] ?? value]);
  const carried = kept[name].filter((key) => old[key] !== undefined).map((key) => [key, old[key]]);
  return { name, ...Object.fromEntries([...needed, ...carried]) as Record<string, unknown> };
}
