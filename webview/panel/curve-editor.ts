import { stagesOf } from '../../src/privacy/stages';
import type { MethodRequest } from '../../src/request/schema';
import type { Edit } from '../../src/protocol/panel-messages';
import type { CurvePoint, EditableCurve } from '../chart/points';
import { fractionOf, inserted, moved, normalised, pointsOf, removed, type ShapePoint, shapeOfPoints, stepOf } from './curve-points';
import type { PanelActions, PanelState } from './state';

/** A method whose noise and learning rate have shapes. */
export type Shaped = MethodRequest & { readonly name: 'gradient-clipping' | 'layered-gradient-clipping' | 'sequential-subspaces' };

/** The method of a request, if its curves can be moved. */
export function shapedMethod(state: PanelState): Shaped | undefined {
  const method = state.document?.planned?.method;
  return method?.name === 'gradient-clipping' || method?.name === 'layered-gradient-clipping' || method?.name === 'sequential-subspaces' ? method : undefined;
}

/** What is being changed and is not yet written, or written and not yet come back in the document. */
interface Change {
  readonly method: Shaped;
  readonly points: readonly ShapePoint[];
  readonly document: PanelState['document'];
}

/**
 * One curve of the schedule by its points. A move is shown at once and written when it is done, as one edit of the text. Where σ is given, moving the largest
 * point changes it, and ε follows; where σ is computed from the target, the curve keeps its shape and the noise is scaled until ε is met again.
 */
export class CurveEditor implements EditableCurve {
  readonly quantity: 'sigma' | 'learningRate';
  readonly name: string;
  readonly #actions: PanelActions;
  #state: PanelState | undefined;
  #change: Change | undefined;
  /** Points as they were when the chart was drawn, with their values. */
  #points: readonly CurvePoint[] = [];
  #scale = 1;

  constructor(quantity: 'sigma' | 'learningRate', actions: PanelActions) {
    this.quantity = quantity;
    this.name = quantity === 'sigma' ? 'σ' : 'γ';
    this.#actions = actions;
  }

  get points(): readonly CurvePoint[] {
    return this.#points;
  }

  /** Fractions of the run and shares of the largest value. */
  get shape(): readonly ShapePoint[] {
    return this.#change?.points ?? this.#written();
  }

  /** What a share of 1 stands for. */
  get largest(): number {
    return this.#scale;
  }

  get steps(): number {
    return this.#method?.steps ?? 1;
  }

  /** Whether values are what the request says, rather than what the target makes of its shape. */
  get absolute(): boolean {
    return this.quantity === 'learningRate' || (this.#method !== undefined && givenSigma(this.#method) !== undefined);
  }

  update(state: PanelState): void {
    this.#state = state;
    if (this.#change !== undefined && this.#change.document !== state.document) this.#change = undefined;
    const method = this.#method;
    if (method === undefined || state.plan === undefined) {
      if (this.#change === undefined) this.#points = [];
      return;
    }
    this.#scale = this.quantity === 'learningRate' ? method.learningRate : (givenSigma(method) ?? largestSigma(state));
    this.#points = this.shape.map(([fraction, weight]) => ({ step: Math.round(stepOf(fraction, method.steps)), value: weight * this.#scale }));
  }

  move(index: number, { step, value }: CurvePoint): void {
    this.show(moved(this.shape, index, [fractionOf(step, this.steps), value / (this.#scale || 1)], this.steps));
  }

  insert(step: number): void {
    const points = inserted(this.shape, fractionOf(step, this.steps), this.steps);
    if (points !== this.shape) this.set(points);
  }

  remove(index: number): void {
    const points = removed(this.shape, index);
    if (points !== this.shape) this.set(points);
  }

  /** Shows and writes. */
  set(points: readonly ShapePoint[]): void {
    this.show(points);
    this.done();
  }

  /** Shows other points without writing them. */
  show(points: readonly ShapePoint[]): void {
    const method = this.#method;
    const state = this.#state;
    if (method === undefined || state === undefined || points.length === 0) return;
    const { points: shares, peak } = normalised(points);
    const shape = shapeOfPoints(shares);
    const changed = this.quantity === 'learningRate' ? withShape(method, 'learningRateShape', shape, { learningRate: short(method.learningRate * peak) }) : withShape(method, 'sigmaShape', shape, scaledSigma(method, peak));
    const target = state.document?.planned?.target;
    // A bound would refuse the plan as soon as ε goes above it.
    if (this.#change === undefined && target?.epsilon !== undefined && givenSigma(method) !== undefined) this.#actions.preview(['target'], { ...target, epsilon: undefined });
    this.#change = { method: changed, points: shares, document: state.document };
    this.#actions.preview(['method'], changed);
  }

  done(): void {
    const written = this.#state?.document?.planned?.method;
    const { method } = this.#change ?? {};
    if (method === undefined || written === undefined || this.#change?.document !== this.#state?.document) return;
    const keys = this.quantity === 'learningRate' ? ['learningRateShape', 'learningRate'] : ['sigmaShape', ...(givenSigma(method) === undefined ? [] : ['sigma'])];
    const edits: Edit[] = keys.map((key) => ({ path: ['method', key], value: (method as unknown as Readonly<Record<string, unknown>>)[key] }))
      .filter(({ path: [, key = ''], value }) => JSON.stringify(value) !== JSON.stringify((written as unknown as Readonly<Record<string, unknown>>)[key]));
    if (edits.length === 0) return;
    const bounded = givenSigma(method) !== undefined && this.#state?.document?.planned?.target.epsilon !== undefined;
    this.#actions.edit(...edits, ...(bounded ? [{ path: ['target', 'epsilon'], value: undefined }] : []));
  }

  cancel(): void {
    const planned = this.#state?.document?.planned;
    if (this.#change === undefined || planned === undefined) return;
    this.#change = undefined;
    this.#actions.preview(['target'], planned.target);
    this.#actions.preview(['method'], planned.method);
  }

  get #method(): Shaped | undefined {
    return this.#change?.method ?? (this.#state === undefined ? undefined : shapedMethod(this.#state));
  }

  #written(): readonly ShapePoint[] {
    const method = this.#method;
    return method === undefined ? [] : pointsOf(this.quantity === 'sigma' ? method.sigmaShape : method.learningRateShape, method.steps);
  }
}

/** The σ that a request gives; undefined where it follows from the target. */
export function givenSigma(method: MethodRequest): number | undefined {
  return 'sigma' in method ? method.sigma : undefined;
}

function scaledSigma(method: Shaped, peak: number): { readonly sigma?: number } {
  const sigma = givenSigma(method);
  return sigma === undefined ? {} : { sigma: short(sigma * peak) };
}

function withShape(method: Shaped, key: 'sigmaShape' | 'learningRateShape', shape: unknown, others: object): Shaped {
  const kept = Object.entries(method).filter(([name]) => name !== key);
  return { ...Object.fromEntries(kept), ...others, ...(shape === undefined ? {} : { [key]: shape }) } as unknown as Shaped;
}

/** The largest σ of a plan, as its chart shows it. */
function largestSigma({ plan }: PanelState): number {
  let largest = 0;
  for (const { steps } of plan === undefined ? [] : stagesOf(plan.mechanism)) for (const { sigma } of steps) if (sigma > largest) largest = sigma;
  return largest;
}

function short(value: number): number {
  return Number(value.toPrecision(4));
}
