import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Host } from './host';

/** Where VS Code keeps its state: a folder for the user's data, one for installed extensions. */
export interface Profile {
  readonly userData: string;
  readonly extensions: string;
}

export interface ServerOptions {
  /** Ask whether a folder is trusted, as desktop VS Code does; otherwise everything is trusted. */
  readonly workspaceTrust?: boolean;
  /** User settings over the quiet defaults; written only where the profile has none. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly port?: number;
  readonly verbose?: boolean;
}

export interface Server {
  readonly port: number;
  stop(): void;
}

/** Nothing that moves, asks or goes to the network by itself. */
const quiet = {
  'chat.disableAIFeatures': true,
  'chat.agentHost.enabled': false,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'window.restoreWindows': 'none',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

const noGallery = JSON.stringify({ serviceUrl: '', itemUrl: '', resourceUrlTemplate: '', controlUrl: '', nlsBaseUrl: '' });

function environment({ userData }: Profile): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(VSCODE_|ELECTRON_|NODE_OPTIONS$|PORT$|PASSWORD$)/.test(name));
  return {
    ...Object.fromEntries(inherited),
    EXTENSIONS_GALLERY: noGallery,
    XDG_RUNTIME_DIR: userData,
    XDG_DATA_HOME: path.join(userData, 'xdg-data'),
    XDG_CONFIG_HOME: path.join(userData, 'xdg-config'),
  };
}

/** Writes what code-server would otherwise put into the home folder. */
function prepare(profile: Profile, settings: Readonly<Record<string, unknown>>): string {
  mkdirSync(path.join(profile.userData, 'User'), { recursive: true });
  mkdirSync(profile.extensions, { recursive: true });
  const settingsFile = path.join(profile.userData, 'User/settings.json');
  if (!existsSync(settingsFile)) writeFileSync(settingsFile, JSON.stringify({ ...quiet, ...settings }, null, 2));
  const config = path.join(profile.userData, 'code-server.yaml');
  writeFileSync(config, '{}\n');
  return config;
}

/** Starts the server on the loopback interface and waits until it listens (under a second). It stops with this process at the latest. */
export async function startServer(host: Host, profile: Profile, options: ServerOptions = {}): Promise<Server> {
  const { workspaceTrust = false, settings = {}, port = 0, verbose = false } = options;
  const config = prepare(profile, { 'security.workspace.trust.enabled': workspaceTrust, ...settings });
  const server = spawn(host.node, [
    host.entry, '--config', config, '--bind-addr', `127.0.0.1:${port}`, '--auth', 'none',
    '--disable-telemetry', '--disable-update-check', '--disable-getting-started-override', '--disable-proxy',
    ...(workspaceTrust ? [] : ['--disable-workspace-trust']),
    '--user-data-dir', profile.userData, '--extensions-dir', profile.extensions,
  ], { env: environment(profile), stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const stop = (): void => {
    try {
      if (server.pid !== undefined) process.kill(-server.pid, 'SIGKILL'); // its process group: the extension hosts as well
    } catch { /* already gone */ }
  };
  process.once('exit', stop);
  const listening = await new Promise<number>((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      if (verbose) process.stderr.write(chunk);
      const found = /HTTP server listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(output);
      if (found !== null) resolve(Number(found[1]));
    };
    server.stdout.on('data', read);
    server.stderr.on('data', read);
    server.once('exit', (code) => reject(new Error(`VS Code's server ended with code ${code ?? 'none'}:\n${output}`)));
    setTimeout(() => reject(new Error(`VS Code's server did not start within a minute:\n${output}`)), 60_000).unref();
  });
  return { port: listening, stop };
}

/** Installs a packaged extension into the profile, as a user would. */
export function installExtension(host: Host, profile: Profile, vsix: string): void {
  const config = prepare(profile, {});
  execFileSync(host.node, [host.entry, '--config', config, '--user-data-dir', profile.userData, '--extensions-dir', profile.extensions, '--install-extension', vsix, '--force'],
    { env: environment(profile), stdio: ['ignore', 'ignore', 'inherit'] });
}
