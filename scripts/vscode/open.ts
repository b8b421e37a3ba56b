// Opens the example workspace in a real VS Code with the extension as built in dist/: `npm run vscode [-- FOLDER] [--port N]`.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { newestVsix } from '../package/newest-vsix';
import { root } from '../root';
import { installHost } from './host';
import { installExtension, type Profile, startServer } from './server';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { port: { type: 'string', default: '0' }, web: { type: 'boolean', default: false } } });

async function main(): Promise<void> {
  const folder = path.resolve(positionals[0] ?? path.join(root, 'examples'));
  const state = path.join(root, 'out/vscode');
  const profile: Profile = { userData: path.join(state, 'user'), extensions: path.join(state, 'extensions') };
  mkdirSync(state, { recursive: true });
  if (!values.web && spawnSync('code', ['--version'], { stdio: 'ignore', shell: process.platform === 'win32' }).status === 0) {
    console.log(`Opening ${folder} in desktop VS Code …`);
    spawn('code', [`--extensionDevelopmentPath=${root}`, '--new-window', '--user-data-dir', profile.userData, folder], { stdio: 'ignore', detached: true, shell: process.platform === 'win32' }).unref();
    return;
  }
  const vscode = installHost();
  installExtension(vscode, profile, newestVsix());
  const server = await startServer(vscode, profile, { port: Number(values.port), workspaceTrust: true, settings: { 'workbench.colorTheme': 'Dark Modern' } });
  console.log(`VS Code with the extension: http://127.0.0.1:${server.port}/?folder=${encodeURIComponent(folder)}\nCtrl+C stops it.`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0)); // the server stops with this process
  setInterval(() => undefined, 1 << 30);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
