/** Writes `schemas/unlearn-request.schema.json` from the schema in the source: `node scripts/run.js scripts/make-request-schema.ts`. */
import { writeFileSync } from 'node:fs';
import { requestJsonSchema } from '../src/request/json-schema';

writeFileSync('schemas/unlearn-request.schema.json', requestJsonSchema());
console.log('schemas/unlearn-request.schema.json');
