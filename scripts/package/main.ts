// Packages dist/: `npm run package -- [linux-x64 win32-arm64 …]`; this machine's platform unless told.
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { root } from '../root';
import { type Target, targets } from './native-modules';
import { ownTarget, packageVsix } from './vsix';

/** Of a page's script and style sheet together, in thousands of bytes. */
const largestPage = 300;

/** Prints what each page loads, all of it before its first contents. Throws where a page is too heavy: it would open slowly. */
function reportPages(): void {
  const folder = path.join(root, 'dist/webview');
  const files = readdirSync(folder).filter((file) => /\.(js|css)$/.test(file));
  for (const page of new Set(files.map((file) => path.parse(file).name))) {
    const size = files.filter((file) => path.parse(file).name === page).reduce((sum, file) => sum + statSync(path.join(folder, file)).size, 0) / 1000;
    console.log(`page ${page.padEnd(12)} ${size.toFixed(1).padStart(6)} KB of ${largestPage}`);
    if (size > largestPage) throw new Error(`the page ${page} is larger than ${largestPage} KB`);
  }
}

async function main(): Promise<void> {
  const wanted = process.argv.length > 2 ? process.argv.slice(2) : [ownTarget()];
  const unknown = wanted.filter((name) => !(targets as readonly string[]).includes(name));
  if (unknown.length > 0) throw new Error(`unknown target ${unknown.join(', ')}; known: ${targets.join(', ')}`);
  reportPages();
  for (const target of wanted) {
    const { file, bytes } = await packageVsix(target as Target);
    console.log(`${path.relative(root, file)}  ${(bytes / 2 ** 20).toFixed(1)} MB`);
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
