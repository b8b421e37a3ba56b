import { z } from 'zod';
import { requestSchema } from './schema';

/** JSON Schema of the request file as people write it, for completion and hover in editors. */
export function requestJsonSchema(): string {
  const schema = { ...z.toJSONSchema(requestSchema, { io: 'input', target: 'draft-7', unrepresentable: 'throw' }), title: 'Unlearning request' };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
