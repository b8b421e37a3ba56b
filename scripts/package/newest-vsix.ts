import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { root } from '../root';
import { ownTarget } from './vsix';

/** The .vsix for this machine that was packaged last. */
export function newestVsix(): string {
  const out = path.join(root, 'out');
  const built = readdirSync(out).filter((name) => name.endsWith('.vsix') && name.includes(ownTarget())).map((name) => path.join(out, name));
  const newest = built.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
  if (newest === undefined) throw new Error('nothing was packaged yet: npm run package');
  return newest;
}
