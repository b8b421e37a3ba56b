import { integer, integers } from './attributes';
import type { BoundGraph } from './bind';
import { bind, ruleContext } from './bind';
import type { Graph, Node } from './graph';
import type { RuleContext } from './operator';
import { positiveAxis, range, sameShape } from './shapes';

/** One node whose inputs follow from the records; `data` says which of them do. */
interface Look extends RuleContext {
  readonly data: (index: number) => boolean;
  readonly output: readonly number[];
}

const rank = (look: Look, index: number): number => look.input(index).shape.length;
const rows = (look: Look, index: number): number | undefined => look.input(index).shape[0];
/** The only input that follows from the records is the first. */
const firstOnly = (look: Look): boolean => look.node.inputs.every((_, index) => look.data(index) === (index === 0));
const keepsRows = (look: Look): boolean => firstOnly(look) && rank(look, 0) === look.output.length && rows(look, 0) === look.output[0];
/** Inputs of fewer axes would be aligned with later ones. */
const aligned = (look: Look): boolean => look.node.inputs.every((_, index) => !look.data(index) || (rank(look, index) === look.output.length && rows(look, index) === look.output[0]));
const besidesRows = (look: Look, axes: readonly number[] | undefined): boolean => axes?.every((axis) => positiveAxis(axis, rank(look, 0)) !== 0) === true;
const alongAxis = (standard: number) => (look: Look): boolean => firstOnly(look) && besidesRows(look, [integer(look.node, 'axis', standard)]);
const reduced = (look: Look): boolean => firstOnly(look) && besidesRows(look, integers(look.node, 'axes') ?? (look.has(1) ? look.foldable(1) : undefined));

function product(look: Look): boolean {
  const [left, right] = [look.data(0), look.data(1)];
  if (left && right) return rank(look, 0) >= 3 && rank(look, 0) === rank(look, 1) && rows(look, 0) === rows(look, 1);
  return left ? rank(look, 0) >= 2 && rank(look, 0) >= rank(look, 1) : rank(look, 1) >= 3 && rank(look, 1) >= rank(look, 0);
}

const each = (names: string, rule: (look: Look) => boolean): readonly (readonly [string, (look: Look) => boolean])[] => names.split(' ').map((name) => [name, rule]);

/** When an operator treats every row of its inputs for itself. Operators that are not listed may mix them. */
const apart: ReadonlyMap<string, (look: Look) => boolean> = new Map([
  ...each('Relu LeakyRelu Elu Selu Celu PRelu Sigmoid Tanh Softplus Softsign HardSigmoid Clip com.microsoft.Gelu', aligned),
  ...each('Add Sub Mul Div Pow Min Max Sum Neg Abs Exp Log Sqrt Reciprocal Erf Sin Cos Sign Floor Ceil Round Where Cast Not And Or', aligned),
  ...each('Equal Greater GreaterOrEqual Less LessOrEqual', aligned),
  // Rows of one record lie together in memory, and stay together.
  ...each('Identity Dropout Reshape Flatten Squeeze Unsqueeze', firstOnly),
  ...each('Conv ConvTranspose MaxPool AveragePool Expand Tile', keepsRows),
  ...each('Softmax LogSoftmax LayerNormalization', alongAxis(-1)),
  ...each('ReduceSum ReduceMean ReduceMax ReduceMin', reduced),
  ['Split', alongAxis(0)],
  ['MatMul', product],
  ['Gemm', (look) => firstOnly(look) && integer(look.node, 'transA', 0) === 0],
  ['Transpose', (look) => integers(look.node, 'perm')?.[0] === 0],
  ['Concat', (look) => aligned(look) && besidesRows(look, [integer(look.node, 'axis', 0)])],
  ['Slice', (look) => firstOnly(look) && besidesRows(look, look.has(3) ? look.foldable(3) : range(rank(look, 0)))],
  ['Pad', (look) => keepsRows(look) && look.foldable(1)?.[0] === 0],
  ['Gather', (look) => (look.data(1) ? !look.data(0) && positiveAxis(integer(look.node, 'axis', 0), rank(look, 0)) === 0 : besidesRows(look, [integer(look.node, 'axis', 0)]))],
]);

/**
 * Whether the output of each record follows from that record alone, whatever others are in its batch: then the gradient of a mean over a batch is the
 * weighted mean of the gradients of its parts. Every value that follows from the records must be made of equal pieces, one a record, in the order
 * of the records, at the two batch sizes `many` and `few`; any doubt is a no. Throws as `bind` does where the graph does not go with `many`.
 */
export function recordsApart(graph: Graph, input: string, many: number, few: number): boolean {
  const whole = bind(graph, { batch: many });
  const part = boundOrNot(graph, few);
  if (part === undefined) return false;
  const inPieces = (name: string): boolean => {
    const [a, b] = [whole.types.get(name)?.shape ?? [], part.types.get(name)?.shape ?? []];
    return a.length > 0 && Number(a[0]) % many === 0 && Number(a[0]) / many === Number(b[0]) / few && sameShape(a.slice(1), b.slice(1));
  };
  /** Known at both sizes, but not the same: a shape that holds the size of the batch. */
  const countsRecords = (name: string): boolean => whole.known.get(name)?.join() !== part.known.get(name)?.join();
  const fromRecords = new Set([input]);
  for (const node of whole.nodes) {
    if (node.outputs.every((name) => name === '' || whole.known.has(name))) continue;
    if (!node.inputs.some((name) => fromRecords.has(name))) {
      if (!node.inputs.some(countsRecords)) continue;
      if (!repeatsRow(whole, node) || !inPieces(node.outputs[0] ?? '')) return false;
      fromRecords.add(node.outputs[0] ?? '');
      continue;
    }
    const standard = node.domain === undefined || node.domain === '' || node.domain === 'ai.onnx';
    const rule = apart.get(standard ? node.operator : `${node.domain ?? ''}.${node.operator}`);
    const output = whole.types.get(node.outputs[0] ?? '')?.shape ?? [];
    const look: Look = { ...ruleContext(node, whole.types, whole.known, whole.tensors), output, data: (index) => fromRecords.has(node.inputs[index] ?? '') };
    if (rule?.(look) !== true || !node.outputs.every((name) => name === '' || inPieces(name))) return false;
    // A shape may hold the size of the batch only where it is a shape.
    if (apart.get(node.operator) === aligned && node.inputs.some(countsRecords)) return false;
    for (const name of node.outputs) if (name !== '') fromRecords.add(name);
  }
  return inPieces(input) && fromRecords.has(whole.outputs[0] ?? '') && inPieces(whole.outputs[0] ?? '');
}

/** Undefined where the graph was written for other sizes alone. */
function boundOrNot(graph: Graph, batch: number): BoundGraph | undefined {
  try {
    return bind(graph, { batch });
  } catch {
    return undefined;
  }
}

/** Whether a node repeats one row for every record, as vision transformers do with their class token. */
function repeatsRow({ types }: BoundGraph, { operator, inputs, outputs }: Node): boolean {
  const [from, to] = [inputs[0], outputs[0]].map((name) => types.get(name ?? '')?.shape ?? []);
  return operator === 'Expand' && from !== undefined && to !== undefined && (from.length < to.length || from[0] === 1);
}
