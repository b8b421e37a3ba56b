import { UserError } from '../../error';

/** Tensors that are more than a run of numbers, by the function that would rebuild them, and what to do about each. */
const tensors: readonly (readonly [pattern: RegExp, kind: string, remedy: string])[] = [
  [/_rebuild_(sparse_tensor|sparse_csr_tensor)$/, 'a sparse tensor', 'Save it dense: tensor.to_dense().'],
  [/_rebuild_qtensor$|^torch\.Q/, 'a quantised tensor: its numbers are rounded, and noise of a certified size cannot be added to those', 'Save the model before it was quantised, or its weights by dequantize().'],
  [/^torch\.Complex/, 'complex numbers', 'Save their real and imaginary parts as tensors of their own: torch.view_as_real(…).'],
  [/_rebuild_tensor_v3$/, 'a tensor of a type that PyTorch has no storage of its own for: float8, or whole numbers without a sign', 'Save it as float16, float32 or int64.'],
  [/_rebuild_nested_tensor$/, 'a nested tensor', 'Save its parts as tensors of their own.'],
  [/_rebuild_meta_tensor/, 'a tensor without numbers, from the device "meta"', 'Save the model once its weights are loaded.'],
  [/_rebuild_from_type_v2$/, 'a tensor of a class of its own', 'Save it as a plain one: tensor.as_subclass(torch.Tensor).'],
  [/^numpy\./, 'arrays or numbers of NumPy', 'Save them as tensors, torch.from_numpy(…), or as numbers of Python, float(…).'],
];

/**
 * The error for a name that a checkpoint asks Python to load and no plain state dict needs.
 * @param name with its module: `torch._utils._rebuild_qtensor`
 */
export function refusedName(name: string, file: string): UserError {
  const found = tensors.find(([pattern]) => pattern.test(name));
  if (found === undefined) {
    return new UserError('pickle-refused', `the checkpoint asks Python to load \`${name}\`; only plain state dicts of tensors are read, and nothing in a checkpoint is ever run.`, { file, remedy: 'Save the state dict alone: torch.save(model.state_dict(), …), or use safetensors.' });
  }
  const [, kind, remedy] = found;
  return new UserError('pickle-refused', `the checkpoint asks Python to load \`${name}\`, for ${kind}.`, { file, remedy });
}
