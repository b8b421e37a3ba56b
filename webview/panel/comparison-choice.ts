import { withNoiseTimes } from '../../src/privacy/calibrate-any';
import { exactNoiseMultiplier, paperFormulaHolds, paperNoiseMultiplier } from '../../src/privacy/comparison';
import type { Plan } from '../../src/plan/plan';
import { privacySpent } from '../../src/plan/privacy-spent';
import type { Comparison, Schedule } from '../chart/schedule';
import { dropdown } from '../controls';
import { element } from '../dom';
import { t } from '../l10n';
import { otherPlan } from './compare-section';
import { methods } from './methods';
import type { MethodName } from './method-switch';
import type { PanelState } from './state';

/** How long the fields must be quiet before another method is calibrated, in milliseconds. */
const settle = 150;

/** What the schedule is drawn over: one that was pinned, the closed form of the paper, or another method at the same target. */
export class ComparisonChoice {
  readonly element: HTMLElement;
  readonly #note = element('p', { class: 'help' });
  readonly #control = dropdown({
    label: t('Compare with'),
    options: [['', t('nothing')], ['pinned', t('the pinned schedule')], ['paper', t('the closed form of the paper')], ...methods.map(({ name, text }) => [name, text] as const)],
  });
  readonly #changed: () => void;
  #state: PanelState | undefined;
  #pinned: Schedule | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  current: Comparison | undefined;

  constructor(changed: () => void) {
    this.#changed = changed;
    this.#control.dataset['compare'] = 'schedule';
    this.#control.addEventListener('change', () => this.#compute());
    this.element = element('div', { class: 'field narrow' },
      element('span', { class: 'label', 'aria-hidden': 'true' }, t('Compare with')),
      element('div', { class: 'input' }, this.#control),
      this.#note);
  }

  /** Remembers a schedule to compare with; undefined forgets it. */
  pin(schedule: Schedule | undefined): void {
    this.#pinned = schedule;
    this.#control.value = schedule === undefined ? '' : 'pinned';
    this.#compute();
  }

  update(state: PanelState): void {
    this.#state = state;
    clearTimeout(this.#timer);
    if (this.#control.value !== '' && this.#control.value !== 'pinned') this.#timer = setTimeout(() => this.#compute(), settle);
  }

  #compute(): void {
    const found = this.#find();
    this.current = typeof found === 'string' ? undefined : found;
    this.#note.textContent = typeof found === 'string' ? found : '';
    this.#changed();
  }

  /** The schedule to compare with, nothing, or why there is none. */
  #find(): Comparison | string | undefined {
    const choice = this.#control.value;
    const { plan } = this.#state ?? {};
    if (choice === '' || this.#state === undefined || plan === undefined) return undefined;
    if (choice === 'pinned') return this.#pinned === undefined ? t('Nothing is pinned yet.') : { name: t('pinned'), schedule: this.#pinned };
    if (choice === 'paper') return byThePaper(plan);
    const other = otherPlan(this.#state, choice as MethodName);
    if (typeof other === 'string') return other;
    if (other.schedule.length === 0) return t('This method has no noisy steps.');
    return { name: methods.find(({ name }) => name === choice)?.text ?? choice, schedule: scheduleOf(other) };
  }
}

/** The schedule of a plan, as charts show it. */
export function scheduleOf({ schedule, target, mechanism, reference }: Plan): Schedule {
  return { points: schedule, target, detail: (first, last) => privacySpent(mechanism, reference, target.delta, undefined, [first, last]) };
}

/** The same schedule with the noise that the paper's formula asks for, and its exact ε. */
function byThePaper({ target, mechanism, reference, schedule }: Plan): Comparison | string {
  if (schedule.length === 0 || !(target.epsilon > 0)) return t('There is no noise to compare.');
  const louder = withNoiseTimes(mechanism, paperNoiseMultiplier(target) / exactNoiseMultiplier(target));
  const name = paperFormulaHolds(target) ? t('closed form of the paper') : t('closed form of the paper (not proven at this ε)');
  return { name, schedule: { points: privacySpent(louder, reference, target.delta), target, detail: (first, last) => privacySpent(louder, reference, target.delta, undefined, [first, last]) } };
}
