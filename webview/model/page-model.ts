import type { ModelReport } from '../../src/protocol/model-messages';
import { t } from '../l10n';
import { count, format } from '../numbers';

type Tensor = ModelReport['tensors'][number];

/** What the page of a model shows, as text. */
export interface ModelPage {
  readonly facts: readonly (readonly [label: string, value: string])[];
  /** Why the model cannot be trained here. */
  readonly obstacle: string | undefined;
  /** In the order of `tensorColumns`. */
  readonly tensors: readonly (readonly string[])[];
  readonly layers: readonly string[];
  readonly dropped: readonly (readonly string[])[];
}

export const tensorColumns = [t('Tensor'), t('Shape'), t('Role'), t('Numbers'), t('Type'), t('Norm')];
export const droppedColumns = [t('Where in the file'), t('What it is')];

const roles: Readonly<Record<Tensor['role'], string>> = { parameter: t('trained'), buffer: t('computed from data'), constant: t('constant') };
const residues: Readonly<Record<ModelReport['residues'][number]['kind'], string>> = { 'optimizer-state': t('state of the optimiser'), buffer: t('buffer'), metadata: t('metadata of training') };

export function buildModelPage(report: ModelReport): ModelPage {
  const { format: file, inputShape, parameters, tensors, layers, residues: dropped, obstacle } = report;
  const norm = normOfTrained(tensors);
  return {
    facts: [
      [t('Format'), file],
      ...(inputShape.length === 0 ? [] : [[t('Input'), shape(inputShape)] as const]),
      [t('Parameters'), count(parameters)],
      [t('Tensors'), count(tensors.length)],
      ...(norm === undefined ? [] : [[t('Norm of all that is trained'), format(norm)] as const]),
    ],
    obstacle,
    tensors: tensors.map((tensor) => [tensor.name, shape(tensor.shape), roles[tensor.role], count(tensor.count), tensor.dataType, tensor.norm === undefined ? '' : format(tensor.norm)]),
    layers,
    dropped: dropped.map(({ name, kind }) => [name, residues[kind]]),
  };
}

/** `batch × 28 × 28`; a tensor without axes is a single number. */
function shape(dimensions: readonly (number | string)[]): string {
  return dimensions.length === 0 ? t('single number') : dimensions.join(' × ');
}

/** Of the trained tensors as one vector, which is what a radius of model clipping bounds; undefined unless all are known. */
function normOfTrained(tensors: readonly Tensor[]): number | undefined {
  const norms = tensors.filter(({ role }) => role === 'parameter').map(({ norm }) => norm);
  return norms.length === 0 || norms.includes(undefined) ? undefined : Math.sqrt(norms.reduce<number>((sum, norm = 0) => sum + norm * norm, 0));
}

/** Rows whose first cell contains a text, in whatever case. */
export function rowsNamed(rows: readonly (readonly string[])[], text: string): readonly (readonly string[])[] {
  const wanted = text.trim().toLowerCase();
  return rows.filter(([name = '']) => name.toLowerCase().includes(wanted));
}
