/** Writes the tables of `docs/privacy.md` between their markers: `node scripts/run.js scripts/privacy-tables.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { privacyTables } from './privacy-table-content';

const file = 'docs/privacy.md';
let text = readFileSync(file, 'utf8');
for (const [name, content] of Object.entries(privacyTables())) {
  const place = new RegExp(`(<!-- table ${name} -->\n)[^]*?(<!-- end of table -->)`);
  if (!place.test(text)) throw new Error(`${file} has no place for the table ${name}`);
  text = text.replace(place, (_, before: string, after: string) => `${before}${content}\n${after}`);
}
writeFileSync(file, text);
console.log(file);
