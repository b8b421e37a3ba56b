import { account } from '../privacy/account';
import { totalVariationToRestart } from '../privacy/meaning';
import type { Mechanism } from '../privacy/mechanism';
import type { NoiseAndSignal } from './noise-and-signal';

/** Something the user should know before running. Advice, never prohibition. */
export interface Advice {
  readonly code: 'restart-as-good' | 'convex-head' | 'retraining-cost' | 'delta-large' | 'epsilon-large' | 'noise-drowns' | 'noise-large' | 'noise-small';
  readonly text: string;
}

interface Situation {
  readonly target: { readonly epsilon: number; readonly delta: number };
  readonly mechanism: Mechanism;
  readonly signal: NoiseAndSignal;
  readonly epochs: { readonly noisy: number; readonly recovery: number };
  readonly retainCount: number;
  /** Whether all that is trained is one linear layer on fixed inputs. */
  readonly linear: boolean;
}

/** Total variation from which on unlearning can be worth noticeably more than an exact restart. */
const NOTICEABLE = 0.1;

export function advise({ target, mechanism, signal, epochs, retainCount, linear }: Situation): readonly Advice[] {
  const advice: Advice[] = [];
  const exact = account(mechanism, 'retrained').mu === 0;
  const distance = totalVariationToRestart(mechanism);
  const passes = (epochs.noisy + epochs.recovery).toPrecision(3);
  if (!exact && distance < NOTICEABLE) {
    advice.push({
      code: 'restart-as-good',
      text: `At this target the result differs from an exact restart (random parameters, then the same recovery) by at most ${distance.toPrecision(2)} in total variation: no event, such as "accuracy above 95 %", is more likely than that by more than this. An exact restart certifies ε = 0 at the same cost.`,
    });
  }
  if (mechanism.method !== 'retrain') advice.push({
    code: 'retraining-cost',
    text: `This run reads the retain set about ${passes} times. If training from scratch needs no more than that, retraining is as cheap, and exact.`,
  });
  if (target.delta * retainCount > 1) {
    advice.push({ code: 'delta-large', text: `δ is above 1 / ${retainCount}, one over the number of retained records. Such a δ allows a mechanism that publishes a few records outright; choose a smaller one.` });
  }
  if (target.epsilon > 10) {
    advice.push({ code: 'epsilon-large', text: `ε = ${target.epsilon} is a weak guarantee: odds may change by a factor of e^ε.` });
  }
  if (mechanism.method === 'convex-head') return advice;
  if (linear && !exact) {
    advice.push({ code: 'convex-head', text: 'Only one linear layer is trained: with the method convex-head training forgets its start by itself, and hardly any noise is needed for the same guarantee.' });
  }
  if (signal.noise > 2 * signal.initialScale) {
    advice.push({ code: 'noise-large', text: `The noise (${signal.noise.toPrecision(2)} a coordinate) is far above the scale of a fresh initialisation (${signal.initialScale.toPrecision(2)}); recovery may start badly. More decay, more steps or smaller radii bring it down.` });
  } else if (signal.noise < 0.05 * signal.initialScale) {
    advice.push({ code: 'noise-small', text: `The noise (${signal.noise.toPrecision(2)} a coordinate) is far below the scale of a fresh initialisation (${signal.initialScale.toPrecision(2)}): the decay leaves a model near zero, from which recovery may not start. Larger radii cost nothing here.` });
  }
  if (!exact && signal.signalToNoise < 0.1) {
    advice.push({ code: 'noise-drowns', text: `What is left of the trained parameters is at most ${(100 * signal.signalToNoise).toPrecision(2)} % of the noise: accuracy will come from the recovery.` });
  }
  return advice;
}
