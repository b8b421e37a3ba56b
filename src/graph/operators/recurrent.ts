import { integer, text, texts } from '../attributes';
import type { GraphBuilder } from '../builder';
import type { CompositeOperator, OperatorFamily, RuleContext } from '../operator';
import { dimension, range } from '../shapes';

const input = (context: RuleContext, index: number): string => context.node.inputs[index] ?? '';

/** What a direction of a recurrent layer works with, its weights as matrices. */
interface Cell {
  readonly build: GraphBuilder;
  readonly hidden: number;
  /** [hidden, gates·hidden]. */
  readonly recurrent: string;
  /** Bias of the recurrent product [gates·hidden], undefined without biases. */
  readonly recurrentBias: string | undefined;
  readonly activation: (index: number, value: string) => string;
}

interface CellKind {
  readonly gates: number;
  readonly activations: readonly string[];
  /** States carried from step to step: the hidden state, and for LSTM the cell state. */
  readonly states: number;
  /** The next states from the states and the input's share of the gates [batch, gates·hidden]. */
  step(cell: Cell, states: readonly string[], gates: string, node: RuleContext['node']): readonly string[];
}

const functions: Readonly<Record<string, (build: GraphBuilder, value: string) => string>> = {
  Sigmoid: (build, value) => build.node('Sigmoid', [value]),
  Tanh: (build, value) => build.node('Tanh', [value]),
  Relu: (build, value) => build.node('Relu', [value]),
  HardSigmoid: (build, value) => build.node('HardSigmoid', [value], { alpha: 0.2, beta: 0.5 }),
};

function product(cell: Cell, state: string, matrix = cell.recurrent, bias = cell.recurrentBias): string {
  return cell.build.node('Gemm', bias === undefined ? [state, matrix] : [state, matrix, bias]);
}

function parts(cell: Cell, value: string, count: number, axis = 1): readonly string[] {
  return cell.build.split('Split', [value, cell.build.integers(range(count).map(() => cell.hidden))], count, { axis });
}

/** S. Hochreiter, J. Schmidhuber, 1997, in ONNX's order of gates: input, output, forget, cell. */
const lstm: CellKind = {
  gates: 4,
  activations: ['Sigmoid', 'Tanh', 'Tanh'],
  states: 2,
  step: (cell, [hidden = '', memory = ''], gates) => {
    const { build, activation } = cell;
    const [i = '', o = '', f = '', c = ''] = parts(cell, build.node('Add', [gates, product(cell, hidden)]), 4);
    const kept = build.node('Mul', [activation(0, f), memory]);
    const next = build.node('Add', [kept, build.node('Mul', [activation(0, i), activation(1, c)])]);
    return [build.node('Mul', [activation(0, o), activation(2, next)]), next];
  },
};

/** K. Cho et al., 2014, in ONNX's order of gates: update, reset, hidden. */
const gru: CellKind = {
  gates: 3,
  activations: ['Sigmoid', 'Tanh'],
  states: 1,
  step: (cell, [hidden = ''], gates, node) => {
    const { build, activation } = cell;
    const [zx = '', rx = '', hx = ''] = parts(cell, gates, 3);
    let [z, r, h]: readonly (string | undefined)[] = [];
    if (integer(node, 'linear_before_reset', 0) === 1) {
      const [zh = '', rh = '', hh = ''] = parts(cell, product(cell, hidden), 3);
      z = activation(0, build.node('Add', [zx, zh]));
      r = activation(0, build.node('Add', [rx, rh]));
      h = activation(1, build.node('Add', [hx, build.node('Mul', [r, hh])]));
    } else {
      const [rz = '', rr = '', rc = ''] = parts(cell, cell.recurrent, 3);
      const [bz, br, bc] = cell.recurrentBias === undefined ? [] : parts(cell, cell.recurrentBias, 3, 0);
      z = activation(0, build.node('Add', [zx, product(cell, hidden, rz, bz)]));
      r = activation(0, build.node('Add', [rx, product(cell, hidden, rr, br)]));
      h = activation(1, build.node('Add', [hx, product(cell, build.node('Mul', [r, hidden]), rc, bc)]));
    }
    // h′ = (1 − z)·candidate + z·h = candidate + z·(h − candidate).
    return [build.node('Add', [h, build.node('Mul', [z, build.node('Sub', [hidden, h])])])];
  },
};

/** Direction `index` of a tensor [directions, …], without that axis. */
const along = (build: GraphBuilder, value: string, index: number): string =>
  build.node('Squeeze', [build.node('Slice', [value, build.integers([index]), build.integers([index + 1]), build.integers([0])]), build.integers([0])]);

/** Unrolls a recurrent layer over its time steps; weights [directions, gates·hidden, …] as in ONNX. */
const recurrent = (kind: CellKind): CompositeOperator => ({
  expand: (context, build) => {
    const { node } = context;
    if (integer(node, 'layout', 0) !== 0) context.unsupported('layout 1 is not supported yet.');
    if (context.has(4)) context.unsupported('sequence_lens is not supported yet.');
    if (node.attributes['clip'] !== undefined || context.has(7)) context.unsupported('clip and peepholes are not supported yet.');
    const [steps, batch] = [dimension(context.input(0).shape, 0), dimension(context.input(0).shape, 1)];
    const hidden = integer(node, 'hidden_size', dimension(context.input(2).shape, 2));
    const direction = text(node, 'direction', 'forward');
    const backwards = direction === 'bidirectional' ? [false, true] : [direction === 'reverse'];
    const results = backwards.map((reverse, index) => {
      const names = texts(node, 'activations')?.slice(index * kind.activations.length) ?? kind.activations;
      const cell: Cell = {
        build,
        hidden,
        recurrent: build.node('Transpose', [along(build, input(context, 2), index)], { perm: [1, 0] }),
        recurrentBias: undefined,
        activation: (at, value) => (functions[names[at] ?? ''] ?? context.unsupported(`the activation ${names[at] ?? ''} is not supported.`))(build, value),
      };
      const width = kind.gates * hidden;
      const biases = context.has(3) ? build.split('Split', [along(build, input(context, 3), index), build.integers([width, width])], 2, { axis: 0 }) : undefined;
      const weights = build.node('Transpose', [along(build, input(context, 1), index)], { perm: [1, 0] });
      const projected = build.node('MatMul', [input(context, 0), weights]);
      const gates = build.split('Split', [biases?.[0] === undefined ? projected : build.node('Add', [projected, biases[0]]), build.integers(range(steps).map(() => 1))], steps, { axis: 0 });
      const initial = (at: number): string => (context.has(at) ? along(build, input(context, at), index) : build.node('Expand', [build.scalar(0), build.integers([batch, hidden])]));
      let states: readonly string[] = range(kind.states).map((state) => initial(5 + state));
      const outputs: string[] = [];
      for (const step of reverse ? [...range(steps)].reverse() : range(steps)) {
        const share = build.node('Reshape', [gates[step] ?? '', build.integers([batch, width])]);
        states = kind.step({ ...cell, recurrentBias: biases?.[1] }, states, share, node);
        outputs[step] = states[0] ?? '';
      }
      return { outputs, states };
    });
    const [sequence = '', ...last] = node.outputs;
    if (sequence !== '') {
      const each = range(steps).map((step) => {
        const both = results.map(({ outputs }) => build.node('Reshape', [outputs[step] ?? '', build.integers([1, 1, batch, hidden])]));
        return both.length === 1 ? (both[0] ?? '') : build.node('Concat', both, { axis: 1 });
      });
      build.node('Concat', each, { axis: 0 }, { outputs: [sequence] });
    }
    last.forEach((name, state) => {
      if (name === '') return;
      build.node('Concat', results.map(({ states }) => build.node('Reshape', [states[state] ?? '', build.integers([1, batch, hidden])])), { axis: 0 }, { outputs: [name] });
    });
  },
});

/** Recurrent layers, unrolled: their length is known once the graph is bound. */
export const recurrents: OperatorFamily = { LSTM: recurrent(lstm), GRU: recurrent(gru) };
