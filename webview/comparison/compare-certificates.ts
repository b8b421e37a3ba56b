import { batchesOf, stagesOf } from '../../src/privacy/stages';
import type { ComparedCertificate, Statement } from '../../src/protocol/comparison-messages';
import { t, told } from '../l10n';
import { count, format, percent } from '../numbers';
import { type Group, type Row, rowsOf } from './groups';

type Predicate = Statement['predicate'];
type Pair = readonly [ComparedCertificate, ComparedCertificate];

/** More tensors than anyone reads are counted: a certificate may come from a stranger. */
const maximumTensors = 200;

/** Two certificates by what they mean, not by their text: what was promised, how it was reached, and on what. */
export function compareCertificates(pair: Pair): readonly Group[] {
  const statements: readonly [Statement | undefined, Statement | undefined] = [pair[0].statement, pair[1].statement];
  const rows = (readers: readonly (readonly [string, (predicate: Predicate) => string | undefined, boolean?])[]): readonly Row[] =>
    rowsOf(statements, readers.map(([label, read, always = false]) => [label, (side) => (side === undefined ? undefined : read(side.predicate)), always]));
  return [
    { title: t('Verdicts'), rows: [...verdicts(pair), ...rowsOf(pair, [[t('Signed with the key'), ({ signer }) => signer]])] },
    { title: t('What is guaranteed'), rows: rows([
      ['ε', ({ guarantee }) => format(guarantee.epsilon, 6)],
      ['δ', ({ guarantee }) => format(guarantee.delta, 6)],
      [t('Against'), ({ guarantee }) => references()[guarantee.reference]],
      [t('Cost against the retrained reference'), ({ guarantee }) => costOf(guarantee.retrained)],
      [t('Cost against the centre reference'), ({ guarantee }) => costOf(guarantee.centre)],
    ]) },
    { title: t('Method and noise schedule'), rows: rows([
      [t('Method'), ({ mechanism }) => mechanism.method],
      [t('Noisy steps'), ({ mechanism }) => count(batchesOf(mechanism))],
      [t('Noise σ'), (predicate) => range(predicate, ({ sigma }) => sigma)],
      [t('Learning rate γ'), (predicate) => range(predicate, ({ learningRate }) => learningRate)],
      [t('Decay λ'), (predicate) => range(predicate, ({ decay }) => decay)],
      [t('Initial radius C₀'), ({ mechanism }) => spread(stagesOf(mechanism).map(({ initialRadius }) => initialRadius))],
      [t('Gradient radius C₁'), (predicate) => range(predicate, ({ gradientRadius }) => gradientRadius)],
      [t('Model radius C₂'), (predicate) => range(predicate, ({ modelRadius }) => modelRadius)],
      [t('Centre'), ({ centre }) => (typeof centre === 'string' ? told(centre) : centre.sha256)],
      [t('Batch size'), ({ batchSize }) => count(batchSize)],
      [t('Recovery'), ({ recovery }) => (recovery === undefined ? t('none') : t('{0} steps: {1}', count(recovery.steps), recovery.description))],
    ]) },
    { title: t('Data'), rows: rows([
      [t('Forgotten records'), ({ data }) => count(data.forget.count)],
      [t('Retained records'), ({ data }) => count(data.retain.count)],
      [t('Exact copies that stayed'), ({ data }) => count(data.duplicatesInRetain.keptCount)],
      [t('Evaluation records'), ({ data }) => (data.evaluation === undefined ? t('none') : count(data.evaluation.count))],
      [t('Requests that were answered'), ({ forgetRequests = [] }) => forgetRequests.map(({ reference, date, basis }) => [reference, date, basis].filter((part) => part !== undefined).join(' ')).join('; ')],
      [t('Commitment to the forgotten records'), ({ data }) => data.forget.commitment.root, true],
      [t('Commitment to the retained records'), ({ data }) => data.retain.commitment.root, true],
      [t('Commitment to the original model'), ({ inputModel }) => inputModel.digest, true],
    ]) },
    { title: t('Coverage'), rows: [...rows(treatments.map((treatment) => [t('Tensors: {0}', told(treatment)), ({ coverage }) => count(coverage.filter((row) => row.treatment === treatment).length)])), ...tensors(statements)] },
    { title: t('The released model'), rows: [
      ...rows([
        [t('Accuracy on retained records'), ({ metrics }) => accuracyOf(metrics.retain)],
        [t('Loss on retained records'), ({ metrics }) => lossOf(metrics.retain)],
        [t('Accuracy on evaluation records'), ({ metrics }) => accuracyOf(metrics.evaluation)],
        [t('Loss on evaluation records'), ({ metrics }) => lossOf(metrics.evaluation)],
      ]),
      ...files(statements),
    ] },
    { title: t('The run'), rows: rows([
      [t('Engine'), ({ engine }) => [engine.name, ...Object.entries(engine.versions).map((version) => version.join(' '))].join(', ')],
      [t('Software'), ({ software }) => `${software.name} ${software.version}`],
      [t('Precision'), ({ arithmetic }) => arithmetic.precision],
      [t('Noise source'), ({ arithmetic }) => arithmetic.noise],
      [t('Finished'), ({ finishedOn }) => finishedOn, true],
    ]) },
  ].filter(({ rows: shown }) => shown.length > 0);
}

const treatments = ['noised', 'reset', 'recomputed', 'public', 'dropped'] as const;

function verdicts([left, right]: Pair): readonly Row[] {
  const words = { pass: t('holds'), fail: t('fails'), unknown: t('not checked'), asserted: t('asserted by the signer') };
  return left.verdicts.map(({ name, status }, index) => ({ label: told(name), left: words[status], right: words[right.verdicts[index]?.status ?? 'unknown'] }));
}

function references(): Readonly<Record<Predicate['guarantee']['reference'], string>> {
  return { retrained: t('the same procedure on a model that never saw the data'), centre: t('the same noise without any training data') };
}

function costOf({ epsilon, mu }: Predicate['guarantee']['retrained']): string {
  return mu === undefined ? `ε = ${format(epsilon, 6)}` : `ε = ${format(epsilon, 6)}, μ = ${format(mu, 6)}`;
}

type Step = ReturnType<typeof stagesOf>[number]['steps'][number];

function range({ mechanism }: Predicate, read: (step: Step) => number | undefined): string | undefined {
  return spread(stagesOf(mechanism).flatMap(({ steps }) => steps.flatMap((step) => read(step) ?? [])));
}

function spread(values: readonly number[]): string | undefined {
  if (values.length === 0) return undefined;
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
  return least === most ? format(most, 6) : t('{0} to {1}', format(least, 6), format(most, 6));
}

function accuracyOf(metrics: Predicate['metrics']['retain']): string | undefined {
  return metrics?.accuracy === undefined ? undefined : percent(metrics.accuracy);
}

function lossOf(metrics: Predicate['metrics']['retain']): string | undefined {
  return metrics === undefined ? undefined : format(metrics.loss);
}

/** The files by their names, which are at most as many as a page shows. */
function files(pair: readonly [Statement | undefined, Statement | undefined]): readonly Row[] {
  const digests = pair.map((side) => new Map((side?.subject ?? []).map(({ name, digest }) => [name, digest.sha256])));
  const names = [...new Set(digests.flatMap((side) => [...side.keys()]))].slice(0, maximumTensors);
  return names.map((name): Row => ({ label: `SHA-256: ${name}`, left: digests[0]?.get(name), right: digests[1]?.get(name) }));
}

/** Tensors that are not treated alike, or that only one of the models has. */
function tensors([left, right]: readonly [Statement | undefined, Statement | undefined]): readonly Row[] {
  const described = (side: Statement | undefined): ReadonlyMap<string, string> => new Map((side?.predicate.coverage ?? []).map(({ tensor, shape, treatment, why }) => [tensor, [(shape ?? []).join(' × '), told(treatment), told(why)].filter((part) => part !== '').join(', ')]));
  const [a, b] = [described(left), described(right)];
  const different = [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name));
  const shown = different.slice(0, maximumTensors).map((name): Row => ({ label: name, left: a.get(name), right: b.get(name) }));
  return different.length <= maximumTensors ? shown : [...shown, { label: t('and more'), left: count(different.length - maximumTensors), right: count(different.length - maximumTensors), always: true }];
}
