import { fieldsOf, type Field } from './wire';

/** Where the numbers of one TensorProto lie. */
export interface TensorPlace {
  /** The name of an initializer, or the output of the Constant node that holds the tensor. */
  readonly name: string;
  readonly origin: 'initializer' | 'Constant node';
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
const model = { graph: 7 };
const graph = { node: 1, initializer: 5 };
const node = { output: 2, opType: 4, attribute: 5 };
const attribute = { name: 1, tensor: 5, float: 2, floats: 7 };
const tensor = { dims: 1, dataType: 2, floatData: 4, int32Data: 5, int64Data: 7, name: 8, rawData: 9, doubleData: 10, uint64Data: 11, externalData: 13, dataLocation: 14 };

/**
 * All tensors stored in the main graph of an ONNX file, initializers first.
 * @throws RangeError where the bytes are not a message
 */
export function locateTensors(bytes: Uint8Array): readonly TensorPlace[] {
  const initializers: TensorPlace[] = [];
  const constants: TensorPlace[] = [];
  for (const graphField of within(bytes, { start: 0, end: bytes.length }, model.graph)) {
    for (const part of fieldsOf(bytes, graphField.start, graphField.end)) {
      if (part.number === graph.initializer) initializers.push(locate(bytes, part, 'initializer'));
      else if (part.number === graph.node) constants.push(...constantIn(bytes, part));
    }
  }
  return [...initializers, ...constants];
}

function constantIn(bytes: Uint8Array, range: Range): readonly TensorPlace[] {
  const parts = [...fieldsOf(bytes, range.start, range.end)];
  const text = (number: number): string | undefined => parts.filter((part) => part.number === number).map((part) => decodeText(bytes, part))[0];
  const output = text(node.output);
  if (text(node.opType) !== 'Constant' || output === undefined) return [];
  return parts.filter((part) => part.number === node.attribute).flatMap((part) => {
    const fields = [...fieldsOf(bytes, part.start, part.end)];
    const name = fields.find((found) => found.number === attribute.name);
    const written = name === undefined ? '' : decodeText(bytes, name);
    if (written === 'value_float' || written === 'value_floats') {
      const inFile = fields.filter((found) => found.number === (written === 'value_float' ? attribute.float : attribute.floats));
      const count = inFile.reduce((sum, found) => sum + (found.end - found.start) / 4, 0);
      return [{ name: output, origin: 'Constant node' as const, shape: written === 'value_float' ? [] : [count], elementType: 1, inFile, external: undefined, varints: false }];
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
  return { name, origin, shape, elementType, inFile: numbers, external: external.size === 0 ? undefined : external, varints };
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
