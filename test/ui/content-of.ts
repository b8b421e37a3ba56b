import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';

/** Milliseconds for which a file has to stay as it is. */
const quiet = 500;
const patience = 60_000;

/** What is in a file once it has been written to its end: the editor takes its mark of unsaved changes away while it still writes. */
export async function contentOf(file: string): Promise<string> {
  const read = (): string => (existsSync(file) ? readFileSync(file, 'latin1') : '');
  let content = read();
  for (let waited = 0; waited < patience; waited += quiet) {
    await after(quiet);
    const now = read();
    if (now !== '' && now === content) return readFileSync(file, 'utf8');
    content = now;
  }
  throw new Error(`${file} was not written, or never stopped changing`);
}
