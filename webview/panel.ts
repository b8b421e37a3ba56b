import './common.css';
import './tables.css';
import './chart/chart.css';
import './panel/fields.css';
import './panel/native.css';
import './panel/completion.css';
import './panel/columns.css';
import './panel/run.css';
import './panel.css';
import { describe, UserError } from '../src/error';
import { planRun, type PlanFacts } from '../src/plan/plan';
import { PrivacyError } from '../src/privacy/privacy-error';
import type { FieldPath, FromPanel, Planned, ToPanel } from '../src/protocol/panel-messages';
import { begin } from './begin';
import { button } from './controls';
import { element } from './dom';
import { Host } from './host';
import { t, told } from './l10n';
import { Counting } from './panel/counting';
import { dataSection } from './panel/data-section';
import { inspected } from './panel/data/source-part';
import { methodSection } from './panel/method-section';
import { modelSection } from './panel/model-section';
import { recoverySection } from './panel/recovery-section';
import { runSection } from './panel/run-section';
import { scheduleSection } from './panel/schedule-section';
import { withValue, type PanelActions, type PanelState } from './panel/state';
import { targetSection } from './panel/target-section';

/** Without facts from the engine, privacy can be planned all the same; what concerns model and data is then not shown. */
const noFacts: PlanFacts = { tensors: [], retainCount: Infinity };

const host = new Host<{ hears: ToPanel; says: FromPanel; remembers: { scroll: number } }>();
/** What the accounting would be given if everything typed were written; follows the document. */
let draft: Planned | undefined;
let state: PanelState = { document: undefined, facts: { type: 'facts', status: 'loading' }, run: { type: 'run', status: 'none' }, trusted: true, data: { type: 'data', of: 'train', status: 'none' }, evaluationData: { type: 'data', of: 'evaluation', status: 'none' }, counted: undefined, counting: false, groups: { type: 'groups', status: 'none' }, plan: undefined, planProblem: undefined };

const counting = new Counting((message) => host.send(message), (waits) => {
  state = { ...state, counting: waits };
});

const actions: PanelActions = {
  preview: (path, value) => {
    counting.typed(path, value);
    draft = previewOf(path, value);
    show(replan(draft));
  },
  edit: (...edits) => host.send({ type: 'edit', edits }),
  send: (message) => host.send(message),
};

const sections = [modelSection(actions), dataSection(actions), targetSection(actions), methodSection(actions), scheduleSection(actions), recoverySection(actions), runSection(actions)];
const title = element('h1', {}, t('Unlearning request'));
const invalid = element('p', { class: 'problem', role: 'alert', hidden: true });
const page = element('main', {},
  element('header', {}, title, button(t('Open as Text'), () => host.send({ type: 'show', what: 'text' }), { secondary: true })),
  invalid,
  ...sections.map((section) => section.element));

function previewOf(path: FieldPath, value: unknown): Planned | undefined {
  const [part] = path;
  return draft === undefined || !['target', 'method', 'recovery'].includes(String(part)) ? draft : withValue(draft, path, value);
}

/** Everything that follows from the request, recomputed here so that it is there at once. */
function replan(planned: Planned | undefined): Pick<PanelState, 'plan' | 'planProblem'> {
  if (planned === undefined) return { plan: undefined, planProblem: t('There is no schedule until the target and the method are complete.') };
  try {
    return { plan: planRun(planned, state.facts.status === 'ready' ? state.facts.report.facts : noFacts), planProblem: undefined };
  } catch (error) {
    if (error instanceof PrivacyError || error instanceof UserError) return { plan: undefined, planProblem: describe({ message: error.message, remedy: error.remedy, field: error.field ?? t('The schedule') }, told) };
    throw error;
  }
}

function show(changes: Partial<PanelState>): void {
  state = { ...state, ...changes };
  for (const section of sections) section.update(state);
}

host.onMessage((message) => {
  switch (message.type) {
    case 'document':
      title.textContent = message.name;
      invalid.hidden = message.value !== undefined;
      invalid.textContent = message.value === undefined ? t('{0}: correct the text to see its fields.', told(message.problems[0]?.message ?? '')) : '';
      state = { ...state, document: message };
      counting.follow(message);
      draft = message.planned;
      show(replan(draft));
      break;
    case 'facts':
      // While they are read anew the page keeps what it shows, so that nothing jumps under the pointer.
      if (message.status === 'loading' && state.facts.status === 'ready') break;
      state = { ...state, facts: message };
      show(replan(draft));
      break;
    case 'run':
      show({ run: message });
      break;
    case 'data':
      if (message.status === 'loading' && inspected(state, message.of).status === 'ready') break;
      if (message.of === 'train' && message.status === 'ready') counting.again();
      show(message.of === 'train' ? { data: message } : { evaluationData: message });
      break;
    case 'counted':
      if (counting.isCurrent(message)) show({ counted: message, counting: false });
      break;
    case 'groups':
      show({ groups: message });
      break;
    case 'trust':
      show({ trusted: message.trusted });
  }
});

begin(page, host);
