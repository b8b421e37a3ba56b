import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { Program } from './run-command';

const WITHOUT_NPM = 'npm was not found: it comes with Node.js (nodejs.org)';

/**
 * npm as a program that needs no shell. On Windows it is a batch file, which only a shell could run, so the script behind it is run with the Node beside it.
 */
export function npm(platform: NodeJS.Platform = process.platform, path = process.env['PATH'] ?? '', exists = existsSync): Program {
  if (platform !== 'win32') return { file: 'npm', leading: [], missing: WITHOUT_NPM };
  const folder = path.split(delimiter).find((each) => each !== '' && exists(join(each, 'npm.cmd')) && exists(join(each, 'node.exe'))) ?? '';
  return { file: join(folder, 'node.exe'), leading: [join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js')], missing: WITHOUT_NPM };
}

/** The program that runs this one, as Node. */
export function node(): Program & { readonly env: Readonly<Record<string, string>> } {
  // In desktop VS Code the executable is Electron.
  return { file: process.execPath, leading: [], missing: `the program ${process.execPath} is gone`, env: { ELECTRON_RUN_AS_NODE: '1' } };
}

export function python(): Program {
  return { file: process.env['PYTHON'] ?? 'python3', leading: [], missing: 'python3 was not found' };
}

export function compiler(): Program {
  return { file: process.env['CXX'] ?? 'g++', leading: [], missing: 'g++ was not found' };
}

/** PATH with the programs of a folder's packages first. */
export function pathWith(folder: string): Readonly<Record<string, string>> {
  return { PATH: [join(folder, 'node_modules', '.bin'), process.env['PATH'] ?? '', dirname(process.execPath)].join(delimiter) };
}
