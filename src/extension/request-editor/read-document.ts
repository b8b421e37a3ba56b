import { basename } from 'node:path';
import type { TextDocument } from 'vscode';
import type { DocumentMessage, Planned } from '../../protocol/panel-messages';
import { parseRequest } from '../../request/parse-request';
import { requestSchema } from '../../request/schema';

/** What the panel shows of a request's text, right or wrong. */
export function readDocument(document: TextDocument): DocumentMessage {
  const text = document.getText();
  const { problems } = parseRequest(text);
  const value = valueOf(text);
  return { type: 'document', name: basename(document.uri.path), value, planned: plannedOf(value), problems };
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The accounting's part of a request, which may be complete while the rest is not. */
function plannedOf(value: unknown): Planned | undefined {
  const { target, method, recovery } = requestSchema.shape;
  const parts = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const parsed = { target: target.safeParse(parts['target']), method: method.safeParse(parts['method']), recovery: recovery.safeParse(parts['recovery']) };
  if (!parsed.target.success || !parsed.method.success || !parsed.recovery.success) return undefined;
  return { target: parsed.target.data, method: parsed.method.data, recovery: parsed.recovery.data };
}
