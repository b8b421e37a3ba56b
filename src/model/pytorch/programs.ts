import { UserError } from '../../error';
import type { ZipEntry } from '../zip/archive';

/**
 * PyTorch keeps whole programs in archives that look like checkpoints: `torch.jit.save` (TorchScript, also for phones) writes the program's
 * constants into `constants.pkl`, `torch.export.save` a description of the archive into `archive_format` (before PyTorch 2.8 one file for it all).
 * Their weights hang on objects of the program, which is never run here.
 * @throws UserError torch-program-unsupported
 */
export function refuseTorchPrograms(entries: readonly ZipEntry[], file: string): void {
  const holds = (pattern: RegExp): boolean => entries.some(({ name }) => pattern.test(name));
  if (holds(/^[^/]+\/constants\.pkl$/)) {
    throw new UserError('torch-program-unsupported', 'this is a TorchScript archive, a program together with its weights, and not a state dict; programs are never run here.', {
      file, remedy: 'Save its weights alone, torch.save(torch.jit.load(FILE).state_dict(), …), or export the model to ONNX.',
    });
  }
  if (holds(/^[^/]+\/archive_format$/) || holds(/^serialized_exported_program\.(json|pt)$/)) {
    throw new UserError('torch-program-unsupported', 'this is a program that torch.export saved together with its weights, and not a state dict; programs are never run here.', {
      file, remedy: 'Save its weights alone, torch.save(torch.export.load(FILE).state_dict, …), or export the model to ONNX.',
    });
  }
}
