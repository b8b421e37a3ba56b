import type { GraphBuilder } from '../../graph/builder';
import type { Node } from '../../graph/graph';
import type { Rewrite } from './normalize-node';

/** What must not be looked at gets a number that no other weight comes near. */
const far = -1e9;

/**
 * softmax(s · QKᵀ + mask)·V, since operator set 23 one node: of Q, K and V as (batch, heads, length, width), or as (batch, length, heads · width) with
 * the number of heads in an attribute. With keys and values of earlier calls, fewer heads of keys than of queries, or a soft cap the node stays as it is.
 */
export const attention: Rewrite = (node, { build, shapeOf }) => {
  const [q = '', k = '', v = '', mask = ''] = node.inputs;
  const [queries, keys] = [shapeOf(q), shapeOf(k)];
  const flat = queries?.length === 3;
  const heads = flat ? [Number(node.attributes['q_num_heads'] ?? 0), Number(node.attributes['kv_num_heads'] ?? 0)] : [queries?.[1], keys?.[1]];
  const unlike = node.inputs.slice(4).some((name) => name !== '') || node.outputs.slice(1).some((name) => name !== '') || Number(node.attributes['softcap'] ?? 0) !== 0;
  if (queries === undefined || keys === undefined || unlike || heads[0] === undefined || heads[0] === 0 || heads[0] !== heads[1]) return node;
  const write = (operator: string, inputs: readonly string[], attributes: Node['attributes'] = {}): string => build.node(operator, inputs, attributes, { label: node.name });
  // (batch, length, heads · width) as (batch, heads, length, width).
  const byHead = (value: string): string => (flat ? write('Transpose', [write('Reshape', [value, build.integers([0, 0, heads[0] ?? 1, -1])])], { perm: [0, 2, 1, 3] }) : value);
  const width = (queries.at(-1) ?? 1) / (flat ? heads[0] : 1);
  const products = write('MatMul', [byHead(q), write('Transpose', [byHead(k)], { perm: [0, 1, 3, 2] })]);
  const scaled = write('Mul', [products, build.scalar(Number(node.attributes['scale'] ?? 1 / Math.sqrt(width)))]);
  const length = flat ? 1 : 2;
  const causal = Number(node.attributes['is_causal'] ?? 0) === 1 ? [pastOnly(build, queries[length] ?? 1, keys[length] ?? 1)] : [];
  const weights = write('Softmax', [[...(mask === '' ? [] : [mask]), ...causal].reduce((sum, more) => write('Add', [sum, more]), scaled)], { axis: -1 });
  const mixed = { name: node.name, outputs: node.outputs.slice(0, 1), attributes: {} };
  if (!flat) return { ...mixed, operator: 'MatMul', inputs: [weights, v] };
  const rows = write('Transpose', [write('MatMul', [weights, byHead(v)])], { perm: [0, 2, 1, 3] });
  return { ...mixed, operator: 'Reshape', inputs: [rows, build.integers([0, 0, -1])] };
};

/** Each query sees the keys up to its own place. */
function pastOnly(build: GraphBuilder, queries: number, keys: number): string {
  return build.constant(Float32Array.from({ length: queries * keys }, (_, at) => (at % keys > Math.floor(at / keys) ? far : 0)), [queries, keys]);
}
