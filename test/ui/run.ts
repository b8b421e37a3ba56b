// Drives a real VS Code with the packaged extension as a person does: `npm run test:ui`. Screenshots lie in out/screenshots.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { certificates } from './certificates';
import { dataPage } from './data-page';
import { engines } from './engines';
import { german } from './german';
import { hostile } from './hostile';
import { keyboard } from './keyboard';
import { keyboardPages } from './keyboard-pages';
import { keys } from './keys';
import { modelPage } from './model-page';
import { pages } from './pages';
import { pictures } from './pictures';
import { restricted } from './restricted';
import { road } from './road';
import { runs } from './runs';
import { schedule } from './schedule';
import { tools } from './tools';
import { zoom } from './zoom';

const drives = { road, engines, 'data-page': dataPage, schedule, pages, restricted, hostile, german, keyboard, 'keyboard-pages': keyboardPages, tools, 'model-page': modelPage, certificates, runs, keys, zoom };
/** Run only when asked for by name. */
const others = { pictures };

/** Drives that may go wrong once: a browser, an editor and a display on a busy machine are not the product. What fails twice in a row fails. */
const secondTries = 4;

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const repeated: string[] = [];
  for (const [name, drive] of wanted.length === 0 ? Object.entries(drives) : Object.entries({ ...drives, ...others }).filter(([key]) => wanted.includes(key))) {
    console.log(name);
    try {
      await inScratchFolder(drive);
    } catch (error) {
      if (repeated.push(name) > secondTries) throw error;
      console.error(error);
      console.log(`${name}, from its beginning once more`);
      await inScratchFolder(drive);
    }
  }
  if (repeated.length > 0) console.log(`went wrong at first and right the second time: ${repeated.join(', ')}`);
}

async function inScratchFolder(drive: (scratch: string) => Promise<void>): Promise<void> {
  const scratch = realpathSync(mkdtempSync(path.join(tmpdir(), 'drive-')));
  try {
    await drive(scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
