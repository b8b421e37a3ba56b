import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { privacyTables } from '../../../scripts/privacy-table-content';
import { accountFromJson } from '../../../src/privacy/account-json';

const page = readFileSync('docs/privacy.md', 'utf8');

describe('docs/privacy.md', () => {
  it.each(Object.entries(privacyTables()))('has the table “%s” as the accountant computes it (node scripts/run.js scripts/privacy-tables.ts)', (name, content) => {
    expect(page).toContain(`<!-- table ${name} -->\n${content}\n<!-- end of table -->`);
  });

  it('has examples that are accounted for as they stand', () => {
    const examples = [...page.matchAll(/```json\n([^]*?)```/g)].map(([, text]) => accountFromJson(JSON.parse(text ?? '')));
    expect(examples.map((answer) => ('method' in answer ? answer.method : 'history'))).toEqual(['gradient-clipping', 'output-perturbation', 'dp-sgd-group', 'convex-head', 'history']);
    for (const answer of examples) expect('method' in answer ? answer.epsilon : answer.requests[0]?.retrained?.together.epsilon).toBeGreaterThan(0);
  });
});
