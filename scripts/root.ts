import { existsSync } from 'node:fs';
import path from 'node:path';

/** The folder of this repository: scripts run from out/, so it is found by its build script. */
export const root = ((): string => {
  let folder = __dirname;
  while (!existsSync(path.join(folder, 'esbuild.js'))) folder = path.dirname(folder);
  return folder;
})();
