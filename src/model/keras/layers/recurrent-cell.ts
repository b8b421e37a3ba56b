import type { LayerContext } from '../layer';
import { applyActivation } from './activation';

/** The parts of a recurrent layer's configuration that its cell has. */
export interface CellConfig {
  readonly units: number;
  readonly activation: string | null;
  readonly recurrent_activation: string | null;
  readonly use_bias: boolean;
  readonly reset_after: boolean;
}

/** One step of a recurrent layer, unrolled. States are (batch, units); undefined where they are still zero. */
export interface Cell {
  /** Number of states. */
  readonly states: number;
  /** Which of them is the output; the first unless given. */
  readonly output?: number;
  /** (features, gates·units). */
  readonly kernel: string;
  /** Added to the product of input and kernel. */
  readonly bias: string | undefined;
  /** @param share of the input in the gates: (batch, gates·units), with bias */
  step(share: string, states: readonly (string | undefined)[]): readonly string[];
}

type State = string | undefined;

/** What all kinds of cells are written with. */
class Writer {
  readonly context: LayerContext;
  readonly config: CellConfig;

  constructor(context: LayerContext, config: CellConfig) {
    this.context = context;
    this.config = config;
  }

  kernels(features: number, gates: number): { readonly kernel: string; readonly recurrent: string } {
    const { units } = this.config;
    return { kernel: this.context.weight('kernel', [features, gates * units]), recurrent: this.context.weight('recurrent_kernel', [units, gates * units]) };
  }

  bias(shape: readonly number[]): string | undefined {
    return this.config.use_bias ? this.context.weight('bias', shape) : undefined;
  }

  /** The columns of each gate, in Keras's order. */
  gates(value: string, count: number, axis = 1): readonly string[] {
    const { builder } = this.context.emitter;
    return builder.split('Split', [value, builder.integers(Array<number>(count).fill(this.config.units))], count, { axis }, { label: this.context.name });
  }

  /** The share of a state in the gates. */
  product(state: State, matrix: string, bias?: string): State {
    if (state === undefined) return bias;
    return this.context.emit('Gemm', bias === undefined ? [state, matrix] : [state, matrix, bias]);
  }

  add(value: string, other: State): string {
    return other === undefined ? value : this.context.emit('Add', [value, other]);
  }

  multiply(value: string, other: string): string {
    return this.context.emit('Mul', [value, other]);
  }

  activate(name: string | null, value: string): string {
    return applyActivation(this.context, name, { name: value, shape: [this.config.units], channelsMovedFirst: false }).name;
  }

  gate(value: string): string {
    return this.activate(this.config.recurrent_activation, value);
  }

  squash(value: string): string {
    return this.activate(this.config.activation, value);
  }
}

type Kind = (writer: Writer, features: number) => Cell;

const simple: Kind = (writer, features) => {
  const { kernel, recurrent } = writer.kernels(features, 1);
  const bias = writer.bias([writer.config.units]);
  return { states: 1, kernel, bias, step: (share, [hidden]) => [writer.squash(writer.add(share, writer.product(hidden, recurrent)))] };
};

/** S. Hochreiter, J. Schmidhuber, 1997, in Keras's order of gates: input, forget, cell, output. */
const lstm: Kind = (writer, features) => {
  const { kernel, recurrent } = writer.kernels(features, 4);
  const bias = writer.bias([4 * writer.config.units]);
  return {
    states: 2,
    kernel,
    bias,
    step: (share, [hidden, memory]) => {
      const [i = '', f = '', c = '', o = ''] = writer.gates(writer.add(share, writer.product(hidden, recurrent)), 4);
      const learned = writer.multiply(writer.gate(i), writer.squash(c));
      const next = memory === undefined ? learned : writer.add(writer.multiply(writer.gate(f), memory), learned);
      return [writer.multiply(writer.gate(o), writer.squash(next)), next];
    },
  };
};

/** K. Cho et al., 2014, in Keras's order of gates: update, reset, hidden. The state is reset before the product, or after it. */
const gru: Kind = (writer, features) => {
  const { units, reset_after: after } = writer.config;
  const { kernel, recurrent } = writer.kernels(features, 3);
  const stored = writer.bias(after ? [2, 3 * units] : [3 * units]);
  const { builder } = writer.context.emitter;
  const rows = after && stored !== undefined ? builder.split('Split', [stored, builder.integers([1, 1])], 2, { axis: 0 }, { label: writer.context.name }) : undefined;
  const [bias, recurrentBias] = rows === undefined ? [stored, undefined] : rows.map((row) => writer.context.emit('Reshape', [row, builder.integers([3 * units])]));
  const columns = after ? [] : writer.gates(recurrent, 3);
  const candidate = (share: string, reset: string, hidden: State, product: State): string => {
    if (after) return writer.squash(product === undefined ? share : writer.add(share, writer.multiply(reset, product)));
    return writer.squash(hidden === undefined ? share : writer.add(share, writer.product(writer.multiply(reset, hidden), columns[2] ?? '')));
  };
  return {
    states: 1,
    kernel,
    bias,
    step: (share, [hidden]) => {
      const [zx = '', rx = '', hx = ''] = writer.gates(share, 3);
      const product = after ? writer.product(hidden, recurrent, recurrentBias) : undefined;
      // Without a state, the bias alone is left of the product.
      const [zh, rh, hh] = after && product !== undefined ? writer.gates(product, 3, hidden === undefined ? 0 : 1) : [writer.product(hidden, columns[0] ?? ''), writer.product(hidden, columns[1] ?? ''), undefined];
      const update = writer.gate(writer.add(zx, zh));
      const fresh = candidate(hx, writer.gate(writer.add(rx, rh)), hidden, hh);
      // z·h + (1 − z)·candidate.
      const changed = writer.multiply(writer.context.emit('Sub', [builder.scalar(1), update]), fresh);
      return [hidden === undefined ? changed : writer.add(writer.multiply(update, hidden), changed)];
    },
  };
};

export const cells: Readonly<Record<string, Kind>> = { SimpleRNN: simple, LSTM: lstm, GRU: gru };

/** One cell on top of the other: each reads what the one below puts out. @param bottom to top */
export function stacked(context: LayerContext, cells: readonly Cell[]): Cell {
  const [first, ...others] = cells;
  if (first === undefined) throw context.refusal('no cells');
  const step = (share: string, states: readonly (string | undefined)[]): readonly string[] => {
    let below = first.step(share, states.slice(0, first.states));
    const all = [...below];
    for (const cell of others) {
      const given = context.emit('Gemm', [below[0] ?? '', cell.kernel, ...(cell.bias === undefined ? [] : [cell.bias])]);
      below = cell.step(given, states.slice(all.length, all.length + cell.states));
      all.push(...below);
    }
    return all;
  };
  const states = cells.reduce((sum, cell) => sum + cell.states, 0);
  return { states, output: states - (cells.at(-1)?.states ?? 0), kernel: first.kernel, bias: first.bias, step };
}

/** @param kind `LSTM`, `GRU` or `SimpleRNN` */
export function openCell(context: LayerContext, kind: string, config: CellConfig, features: number): Cell {
  const make = cells[kind];
  if (make === undefined) throw context.refusal(`the cell ${kind}`);
  return make(new Writer(context, config), features);
}
