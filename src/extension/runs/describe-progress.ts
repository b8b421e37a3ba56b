import { l10n } from 'vscode';
import type { Progress } from '../../protocol/engine-protocol';

/** Where a run is, on one line. */
export function describeProgress(progress: Progress | undefined): string {
  if (progress === undefined) return l10n.t('starting');
  const { phase, step, steps, secondsLeft } = progress;
  const name = phaseName(phase);
  return [
    steps > 1 ? l10n.t('{0}, step {1} of {2}', name, step, steps) : name,
    secondsLeft === undefined ? undefined : l10n.t('{0} s left', Math.ceil(secondsLeft)),
  ].filter((part) => part !== undefined).join(' · ');
}

function phaseName(phase: Progress['phase']): string {
  switch (phase) {
    case 'loading': return l10n.t('opening model and data');
    case 'measuring-original': return l10n.t('measuring the original');
    case 'noisy': return l10n.t('unlearning');
    case 'recovery': return l10n.t('recovering');
    case 'measuring-released': return l10n.t('measuring the result');
    case 'writing': return l10n.t('writing');
  }
}
