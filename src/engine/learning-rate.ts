export type LearningRateSchedule = 'constant' | 'cosine' | 'one-cycle';

/**
 * The learning rate at `step` (from 0) of `steps`, as a share of the peak.
 * `cosine` falls from 1 to 0 along half a cosine (I. Loshchilov, F. Hutter, ICLR 2017); `one-cycle` rises from 1/25 over the first 30 % and then
 * falls to almost 0, both along half a cosine (L. N. Smith, N. Topin, 2018, with PyTorch's defaults).
 */
export function learningRateShare(schedule: LearningRateSchedule, step: number, steps: number): number {
  if (schedule === 'constant') return 1;
  if (schedule === 'cosine') return between(1, 0, step / Math.max(1, steps));
  const peak = 0.3 * steps - 1;
  if (step <= peak) return between(1 / 25, 1, peak <= 0 ? 1 : step / peak);
  return between(1, 1 / 25e4, (step - peak) / Math.max(1, steps - 1 - peak));
}

function between(from: number, to: number, share: number): number {
  return to + (from - to) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, Math.max(0, share))));
}
