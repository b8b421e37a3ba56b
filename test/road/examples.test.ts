import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * The four public data sets, each from request to receipt. They are fetched and take minutes, so only where asked for:
 * `CERTIFIED_UNLEARNING_EXAMPLES=1 npx vitest run test/road/examples.test.ts` after `npm run build`.
 */
describe.skipIf(process.env['CERTIFIED_UNLEARNING_EXAMPLES'] === undefined)('the example', () => {
  it.each([['mnist', '600 of 60000'], ['cifar10', '500 of 50000'], ['spam', '55 of 4836'], ['insteval', '4 of 66079']])('%s goes from its request to a verified certificate and a verified receipt', (name, forgotten) => {
    const { status } = spawnSync(process.execPath, ['scripts/run.js', 'scripts/examples/main.ts', name], { stdio: 'inherit' });
    expect(status).toBe(0);
    const summary = readFileSync(join('out', 'examples', 'summary.md'), 'utf8').trim().split('\n');
    expect(summary).toHaveLength(3); // header, line, one example
    expect(summary[2]).toContain(forgotten);
    expect(summary[2]).toContain('| verified | verified |');
  }, 1_800_000);
});
