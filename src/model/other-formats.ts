import { extname } from 'node:path';
import { UserError } from '../error';
import { fieldsOf } from './onnx/wire';

interface OtherFormat {
  readonly is: (bytes: Uint8Array, extension: string) => boolean;
  readonly message: string;
  readonly remedy: string;
}

/** Formats that people have models in and that are for running them, not for training. */
const others: readonly OtherFormat[] = [
  {
    is: (bytes, extension) => extension === '.pb' && !hasOnnxGraph(bytes),
    message: 'this is a TensorFlow graph, a SavedModel or a frozen one, whose operations cannot be trained here.',
    remedy: 'Save the model with Keras, model.save("NAME.keras"), or convert it to ONNX with tf2onnx.',
  },
  {
    is: (bytes) => textAt(bytes, 4, 4) === 'TFL3',
    message: 'this is a TensorFlow Lite model: it was converted for inference, and cannot be trained.',
    remedy: 'Use the Keras model that it was converted from.',
  },
  {
    is: (bytes) => textAt(bytes, 0, 4) === 'GGUF',
    message: 'this is a GGUF file: it was converted for inference, and its blocks of rounded numbers cannot be noised.',
    remedy: 'Use the safetensors checkpoint that it was converted from.',
  },
];

/** @throws UserError model-format-unsupported, naming the format, where the file is of a known one that is not supported */
export function refuseOtherFormats(bytes: Uint8Array, file: string): void {
  const found = others.find(({ is }) => is(bytes, extname(file).toLowerCase()));
  if (found !== undefined) throw new UserError('model-format-unsupported', found.message, { file, remedy: found.remedy });
}

/** Field 7 of an ONNX ModelProto is its graph. TensorFlow's SavedModel has two fields, its GraphDef none of that number. */
function hasOnnxGraph(bytes: Uint8Array): boolean {
  try {
    for (const { number, value } of fieldsOf(bytes, 0, bytes.length)) if (number === 7 && value === undefined) return true;
    return false;
  } catch {
    return false;
  }
}

function textAt(bytes: Uint8Array, start: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(start, start + length));
}
