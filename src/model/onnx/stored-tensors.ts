import { fieldsOf, type Field } from './wire';

/** Where the numbers of one TensorProto lie. */
export interface TensorPlace {
  /** The name of an initializer, or the output of the Constant node that holds the tensor; behind the path of the node or function that it is inside of. */
  readonly name: string;
  readonly origin: 'initializer' | 'Constant node';
  /** Whether it is anywhere but in the main graph: in a branch or the body of a loop, a function of the model, its training graph, or stored as sparse. */
  readonly nested: boolean;
  readonly shape: readonly number[];
  /** Code of TensorProto.DataType. */
  readonly elementType: number;
  /** Ranges of bytes in the file that hold the numbers, in order; a writer may spread them over several fields. */
  readonly inFile: readonly { readonly start: number; readonly end: number }[];
  /** Keys and values that say where in another file the numbers are. */
  readonly external: ReadonlyMap<string, string> | undefined;
  /** True where the numbers are written as varints, whose length depends on their value. */
  readonly varints: boolean;
}

/** Field numbers of onnx.proto. */
const model = { graph: 7, training: 20, function: 25 };
const training = { initialization: 1, algorithm: 2 };
const functionOf = { name: 1, node: 7 };
const graph = { node: 1, initializer: 5, sparse: 15 };
const sparse = { values: 1 };
const node = { output: 2, name: 3, opType: 4, attribute: 5 };
const attribute = { name: 1, tensor: 5, float: 2, floats: 7, graph: 6, graphs: 11 };
const tensor = { dims: 1, dataType: 2, floatData: 4, int32Data: 5, int64Data: 7, name: 8, rawData: 9, doubleData: 10, uint64Data: 11, externalData: 13, dataLocation: 14 };

/**
 * All tensors stored in an ONNX file: the initializers of its main graph, those of its Constant nodes, and then what is inside of other things.
 * @throws RangeError where the bytes are not a message
 */
export function locateTensors(bytes: Uint8Array): readonly TensorPlace[] {
  const main: TensorPlace[] = [];
  const others: TensorPlace[] = [];
  for (const part of fieldsOf(bytes, 0, bytes.length)) {
    if (part.number === model.graph) main.push(...tensorsOf(bytes, part, ''));
    else if (part.number === model.function) others.push(...tensorsOf(bytes, part, `${textIn(bytes, part, functionOf.name) ?? 'function'}/`, { node: functionOf.node }));
    else if (part.number === model.training) {
      for (const inner of fieldsOf(bytes, part.start, part.end)) {
        if (inner.number === training.initialization || inner.number === training.algorithm) others.push(...tensorsOf(bytes, inner, 'training/'));
      }
    }
  }
  return [...main, ...others];
}

/** @param prefix the path of what a graph is inside of; empty for the main graph */
function tensorsOf(bytes: Uint8Array, range: Range, prefix: string, fields: { readonly node: number; readonly initializer?: number; readonly sparse?: number } = graph): readonly TensorPlace[] {
  const initializers: TensorPlace[] = [];
  const constants: TensorPlace[] = [];
  const inside: TensorPlace[] = [];
  for (const part of fieldsOf(bytes, range.start, range.end)) {
    if (part.number === fields.initializer) initializers.push(locate(bytes, part, 'initializer'));
    else if (part.number === fields.sparse) inside.push(...[...within(bytes, part, sparse.values)].map((values) => ({ ...locate(bytes, values, 'initializer'), nested: true })));
    else if (part.number === fields.node) {
      constants.push(...constantIn(bytes, part));
      inside.push(...insideNode(bytes, part));
    }
  }
  const all = [...initializers, ...constants, ...inside];
  return prefix === '' ? all : all.map((place) => ({ ...place, name: `${prefix}${place.name}`, nested: true }));
}

/** The branches of an If, the body of a Loop or Scan. */
function insideNode(bytes: Uint8Array, range: Range): readonly TensorPlace[] {
  const name = textIn(bytes, range, node.name) ?? '';
  const label = name === '' ? textIn(bytes, range, node.output) ?? textIn(bytes, range, node.opType) ?? '' : name;
  const found: TensorPlace[] = [];
  for (const part of within(bytes, range, node.attribute)) {
    for (const inner of fieldsOf(bytes, part.start, part.end)) {
      if (inner.number === attribute.graph || inner.number === attribute.graphs) found.push(...tensorsOf(bytes, inner, `${label}/${textIn(bytes, part, attribute.name) ?? ''}/`));
    }
  }
  return found;
}

function textIn(bytes: Uint8Array, range: Range, number: number): string | undefined {
  for (const part of within(bytes, range, number)) return decodeText(bytes, part);
  return undefined;
}

function constantIn(bytes: Uint8Array, range: Range): readonly TensorPlace[] {
  if (textIn(bytes, range, node.opType) !== 'Constant') return [];
  const parts = [...fieldsOf(bytes, range.start, range.end)];
  const output = textIn(bytes, range, node.output);
  if (output === undefined) return [];
  return parts.filter((part) => part.number === node.attribute).flatMap((part) => {
    const fields = [...fieldsOf(bytes, part.start, part.end)];
    const name = fields.find((found) => found.number === attribute.name);
    const written = name === undefined ? '' : decodeText(bytes, name);
    if (written === 'value_float' || written === 'value_floats') {
      const inFile = fields.filter((found) => found.number === (written === 'value_float' ? attribute.float : attribute.floats));
      const count = inFile.reduce((sum, found) => sum + (found.end - found.start) / 4, 0);
      return [{ name: output, origin: 'Constant node' as const, nested: false, shape: written === 'value_float' ? [] : [count], elementType: 1, inFile, external: undefined, varints: false }];
    }
    const value = fields.find((found) => found.number === attribute.tensor);
    return written === 'value' && value !== undefined ? [{ ...locate(bytes, value, 'Constant node'), name: output }] : [];
  });
}

type Range = Pick<Field, 'start' | 'end'>;

function locate(bytes: Uint8Array, range: Range, origin: TensorPlace['origin']): TensorPlace {
  const shape: number[] = [];
  const numbers: Range[] = [];
  const external = new Map<string, string>();
  let name = '';
  let elementType = 0;
  let varints = false;
  for (const part of fieldsOf(bytes, range.start, range.end)) {
    switch (part.number) {
      case tensor.dims: shape.push(...(part.value === undefined ? packed(bytes, part) : [part.value])); break;
      case tensor.dataType: elementType = part.value ?? 0; break;
      case tensor.name: name = decodeText(bytes, part); break;
      case tensor.rawData: case tensor.floatData: case tensor.doubleData: numbers.push(part); break;
      case tensor.int32Data: case tensor.int64Data: case tensor.uint64Data: varints = true; break;
      case tensor.externalData: {
        const [key, value] = [...fieldsOf(bytes, part.start, part.end)].map((entry) => decodeText(bytes, entry));
        if (key !== undefined) external.set(key, value ?? '');
        break;
      }
    }
  }
  return { name, origin, nested: false, shape, elementType, inFile: numbers, external: external.size === 0 ? undefined : external, varints };
}

/** Packed varints: each is a field without a tag. */
function packed(bytes: Uint8Array, range: Range): number[] {
  const values: number[] = [];
  let value = 0;
  let scale = 1;
  for (const byte of bytes.subarray(range.start, range.end)) {
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte >= 0x80) continue;
    values.push(value);
    value = 0;
    scale = 1;
  }
  return values;
}

function* within(bytes: Uint8Array, range: Range, number: number): Generator<Field> {
  for (const part of fieldsOf(bytes, range.start, range.end)) if (part.number === number) yield part;
}

function decodeText(bytes: Uint8Array, range: Range): string {
  return new TextDecoder().decode(bytes.subarray(range.start, range.end));
}
