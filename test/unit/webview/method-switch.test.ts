import { describe, expect, it } from 'vitest';
import { requestSchema } from '../../../src/request/schema';
import { switchedMethod, type MethodName } from '../../../webview/panel/method-switch';

const method = requestSchema.shape.method;
const names: readonly MethodName[] = ['layered-gradient-clipping', 'gradient-clipping', 'sequential-subspaces', 'model-clipping', 'output-perturbation', 'gaussian-restart', 'retrain', 'convex-head'];

describe('choosing another method', () => {
  it.each(names.flatMap((from) => names.map((to) => [from, to] as const)))('from %s to %s gives a valid one', (from, to) => {
    const before = switchedMethod(undefined, from);
    expect(method.safeParse(switchedMethod(before, to)).error).toBeUndefined();
  });

  it('keeps the parameters that both have', () => {
    expect(switchedMethod({ name: 'gradient-clipping', initialRadius: 3, gradientRadius: 0.5, learningRate: 0.2, decay: 2, steps: 7, sigma: 1 }, 'sequential-subspaces'))
      .toEqual({ name: 'sequential-subspaces', initialRadius: 3, gradientRadius: 0.5, learningRate: 0.2, decay: 2, steps: 7 });
  });
});
