import { ResponseError } from 'vscode-jsonrpc';
import { UserError } from '../error';
import type { ErrorData } from '../protocol/engine-protocol';

/** JSON-RPC leaves −32000 … −32099 to applications; ours says "a user's error, see data". */
const USER_ERROR = -32001;

/** A user's error as data. */
export function errorDataOf({ code, message, file, field, remedy }: UserError): ErrorData {
  return { code, message, file, field, remedy };
}

/** For the engine's side: a user's error travels whole, anything else as its message and stack. */
export function toResponseError(error: unknown): ResponseError<ErrorData | { stack: string | undefined }> {
  if (error instanceof UserError) {
    return new ResponseError<ErrorData>(USER_ERROR, error.message, errorDataOf(error));
  }
  return new ResponseError(-32603, error instanceof Error ? error.message : String(error), { stack: error instanceof Error ? error.stack : undefined });
}

/** For the host's side: the error as it was thrown in the engine. */
export function fromResponseError(error: unknown): unknown {
  if (!(error instanceof ResponseError) || error.code !== USER_ERROR || !isErrorData(error.data)) return error;
  const { code, message, file, field, remedy } = error.data;
  return new UserError(code, message, { file, field, remedy });
}

/** Two versions of this program may be talking, of which one does not know what the other says. */
function isErrorData(data: unknown): data is ErrorData {
  if (typeof data !== 'object' || data === null) return false;
  const { code, message, remedy, file, field } = data as Readonly<Record<string, unknown>>;
  return [code, message, remedy].every((text) => typeof text === 'string') && [file, field].every((text) => text === undefined || typeof text === 'string');
}
