import { UserError } from '../error';

/** @throws UserError model-config-invalid, naming what the parser stumbled over */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UserError('model-config-invalid', `the model's configuration is not JSON: ${error instanceof Error ? error.message : String(error)}.`, { file, remedy: 'Copy or download the model again, or save it anew.', cause: error });
  }
}
