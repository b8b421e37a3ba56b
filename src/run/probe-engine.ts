import { openOnnxRuntime, offeredProviders } from '../engine/onnxruntime/open';
import { openTensorFlow } from '../engine/tensorflow/open';
import { messageOf, UserError } from '../error';
import type { EngineSettings, ProbeParameters } from '../protocol/engine-settings';
import { engineOptions } from './engine-options';

/** Execution providers that the installed onnxruntime may have. In the engine's process. */
export function offered(): Promise<readonly string[]> {
  return offeredProviders();
}

/** Opens an engine as a run would, and gives its versions. In the engine's process. Throws `UserError` `engine-missing`. */
export async function probeEngine({ variant, engines }: ProbeParameters): Promise<Readonly<Record<string, string>>> {
  try {
    return (await open(variant, engines)).versions;
  } catch (error) {
    throw new UserError('engine-missing', messageOf(error), { remedy: 'Nothing needs doing where another engine is available; "certified-unlearning engines" lists them.', cause: error });
  }
}

function open(variant: ProbeParameters['variant'], engines: EngineSettings): ReturnType<typeof openOnnxRuntime> {
  const { onnxruntime, tensorflow } = engineOptions(engines);
  return variant.engine === 'onnxruntime' ? openOnnxRuntime({ ...onnxruntime, executionProvider: variant.backend }) : openTensorFlow({ ...tensorflow, backend: variant.backend });
}
