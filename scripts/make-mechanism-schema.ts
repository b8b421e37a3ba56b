/** Writes `docs/mechanism.schema.json` from the schema in the source: `node scripts/run.js scripts/make-mechanism-schema.ts`. */
import { writeFileSync } from 'node:fs';
import { mechanismJsonSchema } from '../src/privacy/mechanism-schema';

writeFileSync('docs/mechanism.schema.json', `${JSON.stringify(mechanismJsonSchema(), null, 2)}\n`);
console.log('docs/mechanism.schema.json');
