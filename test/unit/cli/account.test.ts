import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountCommand } from '../../../src/cli/account';
import { Terminal } from '../../../src/cli/terminal';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'account-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('account', () => {
  it.each([
    ['{"method": "output-perturbation", "initialRadius": -1, "sigma": 1}', { code: 'out-of-range', field: 'initialRadius' }],
    ['{"method": "magic"}', { code: 'unknown-method', field: 'method' }],
    // What a release starts from is a number in JSON, and the remedy must be one that JSON takes.
    ['{"releases": [{"name": "a", "startsFrom": 0, "mechanism": {"method": "retrain"}}]}', { code: 'malformed', field: 'releases[0].startsFrom', remedy: expect.stringContaining('leave startsFrom out') as unknown }],
  ])('names the file and the field of what it refuses: %s', async (text, expected) => {
    const file = join(folder, 'mechanism.json');
    writeFileSync(file, text);
    await expect(accountCommand.run([file], new Terminal())).rejects.toMatchObject({ ...expected, file });
  });
});
