import { stagesOf } from '../../src/privacy/stages';
import type { MethodRequest } from '../../src/request/schema';
import type { Edit } from '../../src/protocol/panel-messages';
import type { CurvePoint, EditableCurve } from '../chart/points';
import { fractionOf, inserted, moved, normalised, pointsOf, removed, type ShapePoint, shapeOfPoints, stepOf } from './curve-points';
import type { PanelActions, PanelState } from './state';

/** A method whose noise and learning rate have shapes. */
export type Shaped = MethodRequest & { readonly name: 'gradient-clipping' | 'layered-gradient-clipping' | 'sequential-subspaces' };

/** The method of a request, if its curves can be moved. */
export function shapedMethod(state: Pick<PanelState, 'document'>): Shaped | undefined {
  const method = state.document?.planned?.method;
  return method?.name === 'gradient-clipping' || method?.name === 'layered-gradient-clipping' || method?.name === 'sequential-subspaces' ? method : undefined;
}

/** What is being changed and is not yet written, or written and not yet come back in the document. */
interface Change {
  readonly points: readonly ShapePoint[];
  /** The fields of the method that it changes, with their values; undefined ones are removed. */
  readonly fields: Fields;
  readonly written: boolean;
}

type Fields = Readonly<Record<string, unknown>>;
type Situation = Pick<PanelState, 'document' | 'plan'>;

/**
 * One curve of the schedule by its points. A move is shown at once and written when it is done, as one edit of the text. Where σ is given, moving the largest
 * point changes it, and ε follows; where σ is computed from the target, the curve keeps its shape and the noise is scaled until ε is met again.
 */
export class CurveEditor implements EditableCurve {
  readonly quantity: 'sigma' | 'learningRate';
  readonly name: string;
  readonly #actions: PanelActions;
  #state: Situation | undefined;
  #change: Change | undefined;
  /** What was written and has not yet come back, in order. */
  #sent: readonly Fields[] = [];
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

  update(state: Situation): void {
    if (state.document !== this.#state?.document) this.#receive(shapedMethod(state));
    this.#state = state;
    const method = this.#method;
    if (method === undefined || state.plan === undefined) {
      if (this.#change === undefined) this.#points = [];
      return;
    }
    this.#scale = this.quantity === 'learningRate' ? method.learningRate : (givenSigma(method) ?? largestSigma(state));
    this.#points = this.shape.map(([fraction, weight]) => ({ step: Math.round(stepOf(fraction, method.steps)), value: weight * this.#scale }));
  }

  /** A new document: what this curve wrote has come back, perhaps not all of it yet, or someone else has written. */
  #receive(method: Shaped | undefined): void {
    const index = method === undefined ? -1 : this.#sent.findLastIndex((fields) => same(fields, method));
    this.#sent = index < 0 ? [] : this.#sent.slice(index + 1);
    if (this.#change?.written === true && this.#sent.length === 0) this.#change = undefined;
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
    const planned = this.#state?.document?.planned;
    if (method === undefined || planned === undefined || points.length === 0) return;
    const { points: shares, peak } = normalised(points);
    const sigma = givenSigma(method);
    const { epsilon, ...unbounded } = planned.target;
    // A bound would refuse the plan as soon as ε goes above it.
    if (this.#change === undefined && epsilon !== undefined && sigma !== undefined) this.#actions.preview(['target'], unbounded);
    const fields: Fields = this.quantity === 'learningRate'
      ? { learningRateShape: shapeOfPoints(shares), learningRate: short(method.learningRate * peak) }
      : { sigmaShape: shapeOfPoints(shares), ...(sigma === undefined ? {} : { sigma: short(sigma * peak) }) };
    this.#change = { points: shares, fields, written: false };
    this.#actions.preview(['method'], withFields(method, fields));
  }

  done(): void {
    const planned = this.#state?.document?.planned;
    if (this.#change === undefined || this.#change.written || planned === undefined) return;
    const { fields } = this.#change;
    this.#change = { ...this.#change, written: true };
    if (same(fields, this.#sent.at(-1) ?? planned.method)) {
      if (this.#sent.length === 0) this.#change = undefined;
      return;
    }
    this.#sent = [...this.#sent, fields];
    const edits: Edit[] = Object.entries(fields).map(([key, value]) => ({ path: ['method', key], value }));
    const bounded = givenSigma(planned.method) !== undefined && planned.target.epsilon !== undefined;
    this.#actions.edit(...edits, ...(bounded ? [{ path: ['target', 'epsilon'], value: undefined }] : []));
  }

  cancel(): void {
    const planned = this.#state?.document?.planned;
    if (this.#change === undefined || this.#change.written || planned === undefined) return;
    this.#change = undefined;
    this.#actions.preview(['target'], planned.target);
    this.#actions.preview(['method'], planned.method);
  }

  get #method(): Shaped | undefined {
    const method = this.#state === undefined ? undefined : shapedMethod(this.#state);
    return method === undefined || this.#change === undefined ? method : withFields(method, this.#change.fields);
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

function withFields(method: Shaped, fields: Fields): Shaped {
  return Object.fromEntries(Object.entries({ ...method, ...fields }).filter(([, value]) => value !== undefined)) as unknown as Shaped;
}

/** Whether a method, or other fields of one, has all these values. */
function same(fields: Fields, method: object): boolean {
  return Object.entries(fields).every(([key, value]) => JSON.stringify(value) === JSON.stringify((method as Fields)[key]));
}

/** The largest σ of a plan, as its chart shows it. */
function largestSigma({ plan }: Situation): number {
  let largest = 0;
  for (const { steps } of plan === undefined ? [] : stagesOf(plan.mechanism)) for (const { sigma } of steps) if (sigma > largest) largest = sigma;
  return largest;
}

function short(value: number): number {
  return Number(value.toPrecision(4));
}
