/**
 * The main job on the shipped example, by the command line that users have: plan, run, verify, and what happens to a changed model.
 * Everything goes to out/demo; `npm run demo` builds first.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const folder = join('out', 'demo');
const request = join(folder, 'forget-c17.unlearn.json');
const certificate = join(folder, 'model', 'unlearned', 'model.unlearning-certificate.json');
const weights = join(folder, 'model', 'unlearned', 'weights.bin');

function command(expected: number, ...args: string[]): void {
  console.log(`\n$ certified-unlearning ${args.join(' ')}`);
  const { status } = spawnSync(process.execPath, [join('dist', 'cli.js'), ...args], { stdio: 'inherit', env: { ...process.env, CERTIFIED_UNLEARNING_HOME: join(folder, 'keys') } });
  if (status !== expected) {
    throw new Error(`exit code ${String(status)} instead of ${expected}`);
  }
}

console.log('A model that reads digits was trained on images from 40 contributors. Contributor c17 wants out.');
rmSync(folder, { recursive: true, force: true });
cpSync(join('examples', 'mnist'), folder, { recursive: true });
command(0, 'inspect', join(folder, 'model', 'model.json'));
command(0, 'plan', request);
command(0, 'run', request);
command(0, 'verify', certificate);

console.log(`\nNow one bit of ${relative('.', weights)} is changed, and the same certificate no longer holds:`);
const bytes = readFileSync(weights);
bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
writeFileSync(weights, bytes);
command(1, 'verify', certificate);
bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
writeFileSync(weights, bytes);
console.log(`\nChanged back. The unlearned model and its certificate are in ${join(folder, 'model', 'unlearned')}.`);
