/** The tables of `docs/privacy.md`, computed by the accountant itself. */
import { account } from '../src/privacy/account';
import { calibrateNoise } from '../src/privacy/calibrate-any';
import { exactNoiseMultiplier, paperFormulaHolds, paperNoiseMultiplier, renyiNoiseMultiplier } from '../src/privacy/comparison';
import { muFromTarget } from '../src/privacy/gaussian-dp';
import { bestPrefix, visitEnergies } from '../src/privacy/gradient-clipping';
import { attackerTruePositiveRate, residueOf, signalToNoiseBound } from '../src/privacy/meaning';
import type { GradientClipping, GradientClippingStep, Reference } from '../src/privacy/mechanism';
import { gaussianProfile } from '../src/privacy/profile';

const DELTA = 1e-5;
const EPSILONS = [0.1, 0.25, 0.5, 1, 2, 4, 8];

/** Markdown for each table, by the name between its markers. */
export function privacyTables(): Readonly<Record<string, string>> {
  return {
    'noise-needed': noiseNeeded(),
    'model-clipping': modelClipping(),
    meaning: meaning(),
    'unsafe-formula': unsafeFormula(),
    'published-labels': publishedLabels(),
    'published-group': publishedGroup(),
  };
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---:')), ...rows.map(line)].join('\n');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function digits(value: number, count = 4): string {
  return value === 0 ? '0' : value < 1e-3 || value >= 1e5 ? value.toExponential(count - 1) : value.toPrecision(count);
}

function noiseNeeded(): string {
  return table(
    ['ε', 'paper', 'best Rényi', 'exact', 'variance saved on the paper', 'on Rényi', 'centre reference'],
    EPSILONS.map((epsilon) => {
      const target = { epsilon, delta: DELTA };
      const paper = paperNoiseMultiplier(target);
      const renyi = renyiNoiseMultiplier(target);
      const exact = exactNoiseMultiplier(target);
      return [
        String(epsilon),
        `${digits(paper)}${paperFormulaHolds(target) ? '' : ' (not proven)'}`,
        digits(renyi),
        digits(exact),
        percent(1 - (exact / paper) ** 2),
        percent(1 - (exact / renyi) ** 2),
        digits(exact / 2),
      ];
    }),
  );
}

function modelClipping(): string {
  const steps = [1, 2, 5, 10, 20, 50, 100, 1000];
  return table(
    ['ε', ...steps.map((count) => `T = ${count}`)],
    [0.5, 1, 2, 4, 8].map((epsilon) => [
      String(epsilon),
      ...steps.map((count) => {
        const mechanism = { method: 'model-clipping', initialRadius: 1, steps: [{ count, learningRate: 0.1, decay: 0, modelRadius: 1, sigma: 1 }] } as const;
        return digits(calibrateNoise(mechanism, { epsilon, delta: DELTA }, 'retrained').steps[0].sigma);
      }),
    ]),
  );
}

function meaning(): string {
  return table(
    ['ε', 'μ', 'distance to the exact restart', 'found at 0.1 % false alarms', 'at 1 %', 'signal : noise, d = 3,985', 'd = 20,042'],
    EPSILONS.map((epsilon) => {
      const mu = muFromTarget(epsilon, DELTA);
      return [
        String(epsilon),
        digits(mu),
        digits(gaussianProfile(mu / 2).delta(0), 3),
        percent(attackerTruePositiveRate(gaussianProfile(mu), 0.001)),
        percent(attackerTruePositiveRate(gaussianProfile(mu), 0.01)),
        digits(signalToNoiseBound(mu, 3985), 2),
        digits(signalToNoiseBound(mu, 20042), 2),
      ];
    }),
  );
}

function wholeMu(mechanism: GradientClipping, reference: Reference): number {
  let last = Infinity;
  visitEnergies(mechanism, reference, (_, energy) => {
    last = energy;
  });
  return Math.sqrt(last);
}

/** Δ/√V at the end, whatever the order of steps. */
function naiveMu(mechanism: GradientClipping, gap: number): number {
  const { signal, noise, reach } = residueOf(mechanism);
  return (gap * (signal + reach)) / noise;
}

function clipping(initialRadius: number, steps: readonly GradientClippingStep[]): GradientClipping {
  return { method: 'gradient-clipping', initialRadius, steps };
}

function unsafeFormula(): string {
  const falling = Array.from({ length: 12 }, (_, t) => ({ learningRate: 0.01, decay: 10, gradientRadius: 1, sigma: 0.9 ** (t - 11) }));
  const examples: readonly (readonly [string, GradientClipping])[] = [
    ['σ = (10, 0.1), a gradient of radius 1 in the second step only, C0 = 0', clipping(0, [{ learningRate: 1, decay: 0, gradientRadius: 0, sigma: 10 }, { learningRate: 1, decay: 0, gradientRadius: 1, sigma: 0.1 }])],
    ['the same, C0 = 1', clipping(1, [{ learningRate: 1, decay: 0, gradientRadius: 0, sigma: 10 }, { learningRate: 1, decay: 0, gradientRadius: 1, sigma: 0.1 }])],
    ['learning rate 0.01 for 50 steps, then 1 for 5, σ = 1, C0 = C1 = 1', clipping(1, [{ count: 50, learningRate: 0.01, decay: 0, gradientRadius: 1, sigma: 1 }, { count: 5, learningRate: 1, decay: 0, gradientRadius: 1, sigma: 1 }])],
    ['ρ = 1.5, 12 steps, γ = 0.1, σ = 1, C0 = C1 = 1', clipping(1, [{ count: 12, learningRate: 0.1, decay: -5, gradientRadius: 1, sigma: 1 }])],
    ['σ falling by 0.9 a step, ρ = 0.9, 12 steps, C0 = 0.1', clipping(0.1, falling)],
  ];
  return table(
    ['schedule, centre reference', 'Δ/√V', 'released at the end, true μ', 'μ with the prefix rule', 'best prefix'],
    examples.map(([name, mechanism]) => {
      const best = bestPrefix(mechanism, 'centre');
      return [name, digits(naiveMu(mechanism, 1)), digits(wholeMu(mechanism, 'centre')), digits(best.mu), String(best.step)];
    }),
  );
}

interface PublishedRun {
  readonly C0: number;
  readonly C1: number;
  readonly rate: number;
  readonly decay: number;
}

/** The number of steps and the σ that the published code computes for its “epsilon_renyi_target” of 1 (`unlearn_setup` and `unlearn_sigma_t`, constant schedule). */
function publishedSchedule({ C0, C1, rate, decay }: PublishedRun): GradientClipping {
  const straight = Math.ceil(C0 / (C1 * rate));
  const decayed = decay > 0 ? Math.ceil(Math.log((2 * decay * C0) / C1) / (rate * decay)) : 0;
  const steps = decayed > 0 && decayed < straight ? decayed : straight;
  const power = (1 - rate * decay) ** steps;
  const sigma =
    decay > 0
      ? (2 * C0 * power + ((2 * C1) / decay) * (1 - power)) * Math.sqrt((rate * decay * (2 - rate * decay)) / (2 * (1 - power ** 2)))
      : (2 * C0 + 2 * C1 * rate * steps) / Math.sqrt(4 * steps);
  return clipping(C0, [{ count: steps, learningRate: rate, decay, gradientRadius: C1, sigma }]);
}

/** The ε that the published code reports for a Rényi target of 1: its grid of orders, and D_α = 1 at every one of them. */
function publishedEpsilon(): number {
  let least = Infinity;
  for (let i = 0; i < 10_000; i += 1) {
    const order = 1.001 + (i * (1000 - 1.001)) / 9999;
    least = Math.min(least, 1 - (Math.log(DELTA) + Math.log(order)) / (order - 1) + Math.log((order - 1) / order));
  }
  return least;
}

function publishedLabels(): string {
  const runs: readonly PublishedRun[] = [
    { C0: 20, C1: 10, rate: 0.01, decay: 50 },
    { C0: 1, C1: 1, rate: 0.001, decay: 50 },
    { C0: 0.1, C1: 0.1, rate: 0.01, decay: 10 },
    { C0: 0.1, C1: 10, rate: 0.001, decay: 1 },
    { C0: 1, C1: 1, rate: 0.1, decay: 0 },
  ];
  return table(
    ['C0', 'C1', 'γ', 'λ', 'T', 'σ there', 'ε reported', 'true ε', 'true μ', 'σ needed for ε = 1'],
    runs.map((run) => {
      const mechanism = publishedSchedule(run);
      const profile = account(mechanism, 'retrained');
      const needed = calibrateNoise(mechanism, { epsilon: 1, delta: DELTA }, 'retrained');
      const [step] = mechanism.steps;
      return [run.C0, run.C1, run.rate, run.decay, step?.count ?? NaN].map(String).concat([
        digits(step?.sigma ?? NaN),
        digits(publishedEpsilon()),
        digits(profile.epsilon(DELTA)),
        digits(profile.mu ?? NaN),
        digits(needed.steps[0]?.sigma ?? NaN),
      ]);
    }),
  );
}

function publishedGroup(): string {
  // Their runs: 50,000 records, a tenth for validation, 0.5 % of the rest to forget; a target of ε = 50, δ = 1e-5 for the group.
  const groupSize = 225;
  const epsilon = 50;
  const perRecord = { epsilon: epsilon / groupSize, delta: DELTA * Math.exp(epsilon / groupSize - epsilon) };
  const profile = account({ method: 'dp-sgd-group', perRecord, groupSize }, 'retrained');
  return table(
    ['records', 'ε₀', 'δ₀', 'δ at ε = 50, reported', 'true δ', 'factor'],
    [[String(groupSize), digits(perRecord.epsilon), digits(perRecord.delta), '1e-5', digits(profile.delta(epsilon)), digits(profile.delta(epsilon) / DELTA, 3)]],
  );
}
