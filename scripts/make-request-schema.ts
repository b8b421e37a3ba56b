/** Writes `media/unlearn.schema.json` from the schema in the source: `node scripts/run.js scripts/make-request-schema.ts`. */
import { writeFileSync } from 'node:fs';
import { requestJsonSchema } from '../src/request/json-schema';

writeFileSync('media/unlearn.schema.json', requestJsonSchema());
console.log('media/unlearn.schema.json');
