import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { account } from '../../../src/privacy/account';
import { accountFromJson, mechanismFromJson, type Accounting, type HistoryAccounting } from '../../../src/privacy/account-json';
import { assumptionsOf, behaviourOf } from '../../../src/privacy/assumptions';
import { accountJsonSchema, mechanismSchemas, withQuestion } from '../../../src/privacy/mechanism-schema';
import type { Method, Mechanism } from '../../../src/privacy/mechanism';
import { PrivacyError } from '../../../src/privacy/privacy-error';

const step = { learningRate: 0.1, decay: 0.1, gradientRadius: 1, sigma: 5 };
const blocks = [{ name: 'a', initialRadius: 1, steps: [{ ...step, count: 3 }] }, { name: 'b', initialRadius: 2, steps: [{ ...step, count: 3 }] }];

/** One of each method, with every optional property. */
const examples: { readonly [M in Method]: Extract<Mechanism, { method: M }> } = {
  'gradient-clipping': { method: 'gradient-clipping', initialRadius: 1, steps: [{ ...step, count: 10 }, step], centre: 'public', frozen: ['embedding'] },
  'layered-gradient-clipping': { method: 'layered-gradient-clipping', blocks, centre: 'origin' },
  'sequential-subspaces': { method: 'sequential-subspaces', blocks },
  'model-clipping': { method: 'model-clipping', initialRadius: 1, initialSigma: 2, steps: [{ learningRate: 0.1, decay: 0, modelRadius: 1, gradientRadius: 1, sigma: 1, count: 3 }] },
  'output-perturbation': { method: 'output-perturbation', initialRadius: 1, sigma: 4 },
  'gaussian-restart': { method: 'gaussian-restart', sigma: 1 },
  retrain: { method: 'retrain' },
  'dp-sgd-group': { method: 'dp-sgd-group', perRecord: { epsilon: 0.1, delta: 1e-8 }, groupSize: 10 },
  'convex-head': { method: 'convex-head', loss: 'softmax-cross-entropy', initialRadius: 20, steps: [{ count: 100, learningRate: 1, decay: 0.01, inputRadius: 1 }], sigma: 10 },
};

function errorOf(run: () => unknown): { readonly code: string; readonly field: string | undefined } {
  try {
    run();
  } catch (error) {
    if (error instanceof PrivacyError) return { code: error.code, field: error.field };
    throw error;
  }
  throw new Error('nothing was thrown');
}

function accounted(value: unknown): Accounting {
  const accounting = accountFromJson(value);
  if (!('method' in accounting)) throw new Error('a history');
  return accounting;
}

describe('a mechanism as JSON', () => {
  it.each(Object.values(examples))('is accounted for: $method', (mechanism) => {
    const accounting = accounted(JSON.parse(JSON.stringify({ ...mechanism, epsilon: 2, delta: 1e-6 })));
    const profile = account(mechanism, 'retrained');
    expect(accounting.retrained).toEqual({ mu: profile.mu ?? null, epsilon: profile.epsilon(1e-6), delta: profile.delta(2) });
    expect({ mu: accounting.mu, epsilon: accounting.epsilon, delta: accounting.delta }).toEqual(accounting.retrained);
    expect(accounting.at).toEqual({ epsilon: 2, delta: 1e-6 });
    expect([accounting.behaviour, accounting.assumptions]).toEqual([behaviourOf(mechanism.method), assumptionsOf(mechanism)]);
    if (mechanism.method === 'dp-sgd-group') expect(accounting.centre).toBeNull();
    else expect(accounting.centre?.epsilon).toBeLessThanOrEqual(accounting.epsilon ?? Infinity);
  });

  it('answers for the reference asked for at the top', () => {
    const accounting = accounted({ ...examples['output-perturbation'], reference: 'centre' });
    expect(accounting.reference).toBe('centre');
    expect(accounting.mu).toBe(accounting.centre?.mu);
  });

  it('has null for “no finite number”', () => {
    const accounting = accounted({ method: 'output-perturbation', initialRadius: 1, sigma: 0 });
    expect([accounting.mu, accounting.epsilon, accounting.delta]).toEqual([null, null, 1]);
  });

  it.each([
    [{}, 'unknown-method', 'method'],
    [{ method: 'magic' }, 'unknown-method', 'method'],
    [{ method: 'toString' }, 'unknown-method', 'method'],
    [3, 'malformed', undefined],
    [null, 'malformed', undefined],
    [[], 'malformed', undefined],
    [{ ...examples['gradient-clipping'], initialRadius: undefined }, 'malformed', 'initialRadius'],
    [{ ...examples['gradient-clipping'], steps: [] }, 'malformed', 'steps'],
    [{ ...examples['gradient-clipping'], steps: {} }, 'malformed', 'steps'],
    [{ ...examples['gradient-clipping'], steps: [step, { ...step, sigma: '5' }] }, 'malformed', 'steps[1].sigma'],
    [{ ...examples['gradient-clipping'], steps: [{ ...step, sigma: NaN }] }, 'malformed', 'steps[0].sigma'],
    [{ ...examples['gradient-clipping'], steps: [{ ...step, sigma: -1 }] }, 'out-of-range', 'steps[0].sigma'],
    [{ ...examples['gradient-clipping'], steps: [{ ...step, sigma: 1e-70 }] }, 'out-of-range', 'steps[0].sigma'],
    [{ ...examples['gradient-clipping'], steps: [{ ...step, count: 1.5 }] }, 'out-of-range', 'steps[0].count'],
    [{ ...examples['gradient-clipping'], steps: [{ ...step, count: 1e8 }] }, 'out-of-range', 'steps[0].count'],
    [{ ...examples['gradient-clipping'], steps: [{ ...step, count: 6e6 }, { ...step, count: 6e6 }] }, 'out-of-range', 'steps'],
    [{ ...examples['gradient-clipping'], steps: [{ ...step, decay: 1e9 }] }, 'out-of-range', 'steps[0].decay'],
    [{ ...examples['gradient-clipping'], steps: [{ ...step, momentum: 0.9 }] }, 'malformed', 'steps[0].momentum'],
    [{ ...examples['gradient-clipping'], delta: 0 }, 'out-of-range', 'delta'],
    [{ ...examples['gradient-clipping'], epsilon: 1000 }, 'out-of-range', 'epsilon'],
    [{ ...examples['gradient-clipping'], reference: 'self' }, 'malformed', 'reference'],
    [{ ...examples['gradient-clipping'], centre: 'x' }, 'malformed', 'centre'],
    [JSON.parse('{"method": "retrain", "__proto__": {"sigma": 1}}'), 'malformed', '__proto__'],
    [{ ...examples['layered-gradient-clipping'], blocks: [blocks[0], { ...blocks[1], steps: [step] }] }, 'malformed', 'blocks'],
    [{ ...examples['sequential-subspaces'], blocks: [{ ...blocks[0], initialRadius: -1 }] }, 'out-of-range', 'blocks[0].initialRadius'],
    [{ ...examples['sequential-subspaces'], blocks: [{ ...blocks[0], initialRadius: 1e-70 }] }, 'out-of-range', 'blocks[0].initialRadius'],
    [{ ...examples['dp-sgd-group'], perRecord: {} }, 'malformed', 'perRecord'],
    [{ ...examples['dp-sgd-group'], perRecord: { mu: 1, epsilon: 1, delta: 0 } }, 'malformed', 'perRecord'],
    [{ ...examples['dp-sgd-group'], groupSize: 0 }, 'out-of-range', 'groupSize'],
    [{ ...examples['dp-sgd-group'], reference: 'centre' }, 'reference-unavailable', 'reference'],
    [{ ...examples['model-clipping'], steps: [{ learningRate: 0.1, decay: 0, modelRadius: 1, sigma: 1, count: 1_000_001 }] }, 'out-of-range', 'steps'],
    [{ ...examples['convex-head'], steps: [{ learningRate: 0.1, decay: 0, inputRadius: 1 }] }, 'out-of-range', 'steps[0].decay'],
    [{ ...examples['convex-head'], loss: 'hinge' }, 'malformed', 'loss'],
  ])('is refused with its place: %j', (value, code, field) => {
    expect(errorOf(() => accountFromJson(value))).toEqual({ code, field });
  });

  it('comes back as it is', () => {
    for (const mechanism of Object.values(examples)) expect(mechanismFromJson(mechanism)).toEqual(mechanism);
  });
});

describe('a history as JSON', () => {
  const quiet = { method: 'output-perturbation', initialRadius: 1, sigma: 5 } as const;
  const loud = { method: 'output-perturbation', initialRadius: 1, sigma: 10 } as const;

  function history(value: unknown): HistoryAccounting {
    const accounting = accountFromJson(value);
    if (!('requests' in accounting)) throw new Error('a mechanism');
    return accounting;
  }

  it('is accounted for, request by request, against both references', () => {
    // μ = 0.4 and 0.2: together √(0.4² + 0.2²) from the original, 0.4 from the first release; half of it against the centre.
    const fromOriginal = history({ releases: [{ name: 'a', mechanism: quiet }, { name: 'b', mechanism: loud }], delta: 1e-6 });
    expect(fromOriginal.requests[0]?.retrained?.together.mu).toBeCloseTo(Math.sqrt(0.2), 10);
    expect(fromOriginal.requests[0]?.centre?.together.mu).toBeCloseTo(Math.sqrt(0.2) / 2, 10);
    expect(fromOriginal.requests[0]?.retrained?.latest.mu).toBeCloseTo(0.2, 10);
    const fromFirst = history({ releases: [{ name: 'a', mechanism: quiet }, { name: 'b', startsFrom: 0, mechanism: loud }] });
    expect(fromFirst.requests[0]?.retrained?.together.mu).toBeCloseTo(0.4, 10);
    expect(fromFirst.requests[1]?.retrained).toEqual({ latest: fromFirst.requests[1]?.retrained?.together, together: fromFirst.requests[1]?.retrained?.together });
    expect(fromFirst.requests.map(({ statement }) => statement).join(' ')).toContain('started from a release that was already covered');
  });

  it('has no centre where one of its runs has none', () => {
    const requests = history({ releases: [{ name: 'a', mechanism: examples['dp-sgd-group'] }] }).requests;
    expect(requests[0]?.centre).toBeNull();
    expect(requests[0]?.retrained?.latest.epsilon).toBeGreaterThan(0);
  });

  it.each([
    [{ releases: [] }, 'malformed', 'releases'],
    [{ releases: [{ name: 'a' }] }, 'malformed', 'releases[0].mechanism'],
    [{ releases: [{ name: 'a', mechanism: { method: 'magic' } }] }, 'malformed', 'releases[0].mechanism'],
    [{ releases: [{ name: 'a', mechanism: { ...quiet, sigma: -1 } }] }, 'out-of-range', 'releases[0].mechanism.sigma'],
    [{ releases: [{ name: 'a', mechanism: { ...quiet, sigma: 1e-70 } }] }, 'out-of-range', 'releases[0].mechanism.sigma'],
    [{ releases: [{ name: 'a', mechanism: { ...quiet, delta: 0.1 } }] }, 'malformed', 'releases[0].mechanism.delta'],
    [{ releases: [{ name: 'a', mechanism: quiet }, { name: 'b', startsFrom: 1, mechanism: quiet }] }, 'malformed', 'releases[1].startsFrom'],
    [{ releases: [{ name: 'a', startsFrom: -1, mechanism: quiet }] }, 'out-of-range', 'releases[0].startsFrom'],
    [{ releases: [{ name: 'a', mechanism: quiet }], reference: 'centre' }, 'malformed', 'reference'],
  ])('is refused with its place: %j', (value, code, field) => {
    expect(errorOf(() => accountFromJson(value))).toEqual({ code, field });
  });
});

describe('the schema document', () => {
  it('is what the source says (node scripts/run.js scripts/make-mechanism-schema.ts)', () => {
    expect(JSON.parse(readFileSync('docs/mechanism.schema.json', 'utf8'))).toEqual(accountJsonSchema());
  });

  it('describes every property', () => {
    const undescribed = Object.values(mechanismSchemas).map(withQuestion).flatMap(({ properties }) => Object.entries(properties).filter(([name, schema]) => !['method', '$schema'].includes(name) && schema.description === undefined));
    expect(undescribed).toEqual([]);
  });
});

describe('every method', () => {
  it.each(Object.values(examples))('says what it does and assumes: $method', (mechanism) => {
    expect(behaviourOf(mechanism.method)).toMatch(/\.$/);
    expect(assumptionsOf(mechanism).length).toBeGreaterThan(0);
  });

  it('names the public base that it rests on', () => {
    const assumptions = assumptionsOf(examples['gradient-clipping']).join(' ');
    expect(assumptions).toContain('public base model');
    expect(assumptions).toContain('embedding');
    expect(assumptionsOf(examples['output-perturbation']).join(' ')).not.toContain('public base model');
  });

  it('that is unknown is refused', () => {
    expect(errorOf(() => assumptionsOf({ method: 'magic' } as unknown as Mechanism)).code).toBe('unknown-method');
  });
});
