// Packages dist/: `npm run package -- [linux-x64 win32-arm64 …]`; this machine's platform unless told.
import path from 'node:path';
import { root } from '../root';
import { type Target, targets } from './native-modules';
import { ownTarget, packageVsix } from './vsix';

async function main(): Promise<void> {
  const wanted = process.argv.length > 2 ? process.argv.slice(2) : [ownTarget()];
  const unknown = wanted.filter((name) => !(targets as readonly string[]).includes(name));
  if (unknown.length > 0) throw new Error(`unknown target ${unknown.join(', ')}; known: ${targets.join(', ')}`);
  for (const target of wanted) {
    const { file, bytes } = await packageVsix(target as Target);
    console.log(`${path.relative(root, file)}  ${(bytes / 2 ** 20).toFixed(1)} MB`);
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
