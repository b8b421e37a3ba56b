import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStatement } from '../../../src/certificate/create-statement';
import { exampleInput, keys, signed } from '../certificate/example';

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'verify-pdf-'));
  writeFileSync(join(folder, 'mnist.unlearning-certificate.json'), await signed(createStatement(exampleInput())));
  writeFileSync(join(folder, 'mnist.unlearned.h5'), 'released model');
  writeFileSync(join(folder, 'key.pem'), keys.publicKey);
});

afterAll(() => rmSync(folder, { recursive: true }));

function verify(pdf: string, ...more: readonly string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/cli.js', 'verify', join(folder, 'mnist.unlearning-certificate.json'), '--key', join(folder, 'key.pem'), '--pdf', pdf, ...more], { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

describe('verify --pdf', () => {
  it('verifies, and writes what was found', () => {
    const file = join(folder, 'found.pdf');
    const { status, output } = verify(file);
    expect(output).toMatch(/^verified: ε = 1/m);
    expect(status).toBe(0);
    expect(readFileSync(file).subarray(0, 8).toString('latin1')).toBe('%PDF-1.7');
  });

  it('writes it in the language that is asked for, and says which there are', () => {
    const file = join(folder, 'gefunden.pdf');
    expect(verify(file, '--language', 'de').status).toBe(0);
    expect(readFileSync(file, 'latin1')).toContain('/Lang (de)');
    expect(verify(join(folder, 'none.pdf'), '--language', 'xx')).toMatchObject({ status: 2, output: expect.stringContaining('there is no translation into "xx". Choose one of: en, de.') as string });
  });

  it('writes over nothing', () => {
    const file = join(folder, 'there.pdf');
    writeFileSync(file, 'mine');
    expect(verify(file)).toMatchObject({ status: 2, output: expect.stringContaining('the PDF cannot be written') as string });
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });
});
