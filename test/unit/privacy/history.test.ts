import { describe, expect, it } from 'vitest';
import { account } from '../../../src/privacy/account';
import { composed } from '../../../src/privacy/compose';
import { guaranteesOver, type Release } from '../../../src/privacy/history';
import { gaussianProfile, type PrivacyProfile } from '../../../src/privacy/profile';
import { relativeError } from './fixture';

const first: Release = { name: 'first', startsFrom: 'original', profile: gaussianProfile(0.3) };
const fromOriginal: Release = { name: 'second', startsFrom: 'original', profile: gaussianProfile(0.4) };
const fromFirst: Release = { name: 'second', startsFrom: 0, profile: gaussianProfile(0.4) };

const modelClipping = account({ method: 'model-clipping', initialRadius: 1, steps: [{ count: 10, learningRate: 0.1, decay: 0, modelRadius: 1, sigma: 1 }] }, 'retrained');

function mus(releases: readonly Release[]): readonly { readonly latest: number; readonly together: number; readonly paid: readonly number[] }[] {
  return guaranteesOver(releases).map(({ latest, together, paid }) => ({ latest: latest.mu ?? NaN, together: together.mu ?? NaN, paid }));
}

describe('a model unlearned again', () => {
  it('from the original: the first records are read twice, the second only by the second run', () => {
    const [one, two] = mus([first, fromOriginal]);
    expect(one?.latest).toBe(0.4);
    // √(0.3² + 0.4²).
    expect(relativeError(one?.together ?? NaN, 0.5)).toBeLessThan(1e-11);
    expect(one?.paid).toEqual([0, 1]);
    expect(two).toEqual({ latest: 0.4, together: 0.4, paid: [1] });
  });

  it('from the released model: nothing more is paid for the first records', () => {
    expect(mus([first, fromFirst])).toEqual([
      // The second release is no easier to tell than the first, from which it was made.
      { latest: 0.3, together: 0.3, paid: [0] },
      { latest: 0.4, together: 0.4, paid: [1] },
    ]);
  });

  it('from a release before the request: that release had read the records', () => {
    // Third run restarts from the first release: for the second request, runs 1 and 2 are paid; for the first, only run 0.
    const third: Release = { name: 'third', startsFrom: 0, profile: gaussianProfile(1.2) };
    const [one, two, three] = mus([first, { ...fromFirst, profile: gaussianProfile(0.5) }, third]);
    expect(one).toEqual({ latest: 0.3, together: 0.3, paid: [0] });
    expect(two?.latest).toBe(1.2);
    expect(relativeError(two?.together ?? NaN, 1.3)).toBeLessThan(1e-11);
    expect(two?.paid).toEqual([1, 2]);
    expect(three).toEqual({ latest: 1.2, together: 1.2, paid: [2] });
  });

  it('says so in words', () => {
    const [one, two] = guaranteesOver([first, fromFirst]);
    expect(one?.statement).toContain('Only the run of “first”');
    expect(one?.statement).toContain('“second” started from a release that was already covered');
    expect(two?.statement).toContain('the releases before the request (“first”)');
    expect(guaranteesOver([first, fromOriginal])[0]?.statement).toContain('The runs of “first”, “second”');
  });

  it('with another kind of guarantee takes the better one for the latest release', () => {
    const [one] = guaranteesOver([{ ...first, profile: gaussianProfile(3) }, { name: 'second', startsFrom: 0, profile: modelClipping }]);
    for (const epsilon of [0, 0.5, 1, 3]) expect(one?.latest.delta(epsilon)).toBe(Math.min(gaussianProfile(3).delta(epsilon), modelClipping.delta(epsilon)));
  });

  it('cannot start from itself, from the future or from nowhere', () => {
    for (const startsFrom of [0, 1, -1, 0.5, NaN]) expect(() => guaranteesOver([{ ...first, startsFrom }])).toThrow(expect.objectContaining({ code: 'malformed', field: 'releases[0].startsFrom' }));
  });
});

describe('composition', () => {
  it('of one is itself', () => {
    expect(composed([modelClipping])).toBe(modelClipping);
  });

  it('of a Gaussian and another guarantee adds ε at half the δ each', () => {
    const both = composed([gaussianProfile(0.3), modelClipping]);
    expect(both.mu).toBeUndefined();
    const epsilon = gaussianProfile(0.3).epsilon(5e-6) + modelClipping.epsilon(5e-6);
    expect(both.delta(epsilon)).toBeLessThanOrEqual(1e-5 * (1 + 1e-9));
    expect(relativeError(both.epsilon(1e-5), epsilon)).toBeLessThan(1e-9);
  });

  it('never claims more than the parts', () => {
    const parts: readonly PrivacyProfile[] = [gaussianProfile(0.3), modelClipping];
    const both = composed(parts);
    for (const epsilon of [0, 0.1, 1, 4]) for (const part of parts) expect(both.delta(epsilon)).toBeGreaterThanOrEqual(part.delta(epsilon) * (1 - 1e-9));
  });
});
