import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { Suite } from './suite';

/** Runs every test of every file beside this one, in the extension host; throws when any failed. */
export async function run(): Promise<void> {
  let failed = 0;
  let passed = 0;
  for (const file of readdirSync(__dirname).filter((name) => name.endsWith('.test.cjs')).sort()) {
    const { tests } = (await import(path.join(__dirname, file))) as { tests: Suite };
    console.log(file.replace('.test.cjs', ''));
    for (const [name, test] of Object.entries(tests)) {
      try {
        await test();
        passed++;
        console.log(`  ✓ ${name}`);
      } catch (error) {
        failed++;
        console.log(`  ✗ ${name}\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      }
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0 || passed === 0) throw new Error(`${failed} of ${passed + failed} tests failed`);
}
