import { UserError } from '../../src/error';
import { openCheckpoint } from '../../src/model/checkpoint/open-checkpoint';
import { piecesOf } from '../../src/model/checkpoint/pieces';
import { visitCheckpoint } from '../../src/model/checkpoint/stream';
import { inspectModel } from '../../src/model/inspect-model';
import { openModel } from '../../src/model/open-model';

/**
 * Does with a file what the program does with a model: shows it; opens it and writes it back where it could be trained; plans its streaming and
 * reads its numbers where it is a checkpoint.
 * @returns `model`, or the code of the typed error that it ended with. Whatever else is thrown is a defect.
 */
export async function examineModel(path: string): Promise<string> {
  try {
    const { obstacle, format } = await inspectModel(path);
    if (obstacle === undefined) {
      const model = await openModel(path);
      const values = new Map([...model.graph.tensors.values()].flatMap(({ name, role, values: numbers }) => (role === 'parameter' && numbers instanceof Float32Array ? [[name, numbers] as const] : [])));
      await model.write(values);
    }
    if (['safetensors', 'PyTorch'].includes(format)) {
      const checkpoint = await openCheckpoint(path);
      for (const file of checkpoint.files) piecesOf(file, 2 ** 20);
      await visitCheckpoint(path, checkpoint, () => undefined);
    }
    return 'model';
  } catch (error) {
    if (error instanceof UserError) return error.code;
    throw error;
  }
}
