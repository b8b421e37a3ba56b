// Drives a real VS Code with the packaged extension as a person does: `npm run test:ui`. Screenshots lie in out/screenshots.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { certificates } from './certificates';
import { dataPage } from './data-page';
import { engines } from './engines';
import { german } from './german';
import { hostile } from './hostile';
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

const drives = { road, engines, 'data-page': dataPage, schedule, pages, restricted, hostile, german, tools, 'model-page': modelPage, certificates, runs, keys, zoom };
/** Run only when asked for by name. */
const others = { pictures };

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  for (const [name, drive] of wanted.length === 0 ? Object.entries(drives) : Object.entries({ ...drives, ...others }).filter(([key]) => wanted.includes(key))) {
    console.log(name);
    const scratch = realpathSync(mkdtempSync(path.join(tmpdir(), 'drive-')));
    try {
      await drive(scratch);
    } finally {
      rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
    }
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
