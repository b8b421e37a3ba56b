/** Writes `docs/mechanism.schema.json` from the schema in the source: `node scripts/run.js scripts/make-mechanism-schema.ts`. */
import { writeFileSync } from 'node:fs';
import { accountJsonSchema } from '../src/privacy/mechanism-schema';

writeFileSync('docs/mechanism.schema.json', `${JSON.stringify(accountJsonSchema(), null, 2)}\n`);
console.log('docs/mechanism.schema.json');
