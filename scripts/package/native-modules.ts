import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../root';

/** The platforms that native modules exist for, by VS Code's names for them. */
export const targets = ['linux-x64', 'linux-arm64', 'win32-x64', 'win32-arm64', 'darwin-arm64', 'darwin-x64'] as const;
export type Target = (typeof targets)[number];

const modules = path.join(root, 'node_modules');

/** Copies what the bundles leave outside, for one platform alone, to where `require` finds it from dist/. */
export function stageNativeModules(target: Target, destination: string): void {
  const bindings = `@duckdb/node-bindings-${target}`;
  copy(path.join(modules, '@duckdb/node-bindings'), path.join(destination, '@duckdb/node-bindings'), ['package.json', 'duckdb.js', 'LICENSE']);
  copy(packageFolder(bindings), path.join(destination, bindings));
  // onnxruntime-node has no binary for Intel Macs: there the TensorFlow.js engine runs.
  const runtime = path.join(modules, 'onnxruntime-node');
  const binary = path.join('bin/napi-v6', target.replace('-', path.sep));
  if (!existsSync(path.join(runtime, binary))) return;
  copy(runtime, path.join(destination, 'onnxruntime-node'), ['package.json', 'dist', binary]);
  copy(path.join(modules, 'onnxruntime-common'), path.join(destination, 'onnxruntime-common'), ['package.json', 'dist/cjs']);
}

function copy(from: string, to: string, parts: readonly string[] = ['.']): void {
  for (const part of parts) {
    mkdirSync(path.dirname(path.join(to, part)), { recursive: true });
    cpSync(path.join(from, part), path.join(to, part), { recursive: true, filter: (file) => !/\.(map|d\.ts|md)$/.test(file) });
  }
}

/** The package where npm put it, or, for another platform than this one, as fetched from the registry into the cache. */
function packageFolder(name: string): string {
  const installed = path.join(modules, name);
  if (existsSync(installed)) return installed;
  const { version } = JSON.parse(readFileSync(path.join(modules, '@duckdb/node-bindings/package.json'), 'utf8')) as { version: string };
  const cached = path.join(root, '.cache/native');
  mkdirSync(cached, { recursive: true });
  if (!existsSync(path.join(cached, 'node_modules', name))) {
    execFileSync('npm', ['install', '--prefix', cached, '--no-save', '--force', '--ignore-scripts', '--loglevel=error', `${name}@${version}`], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  return path.join(cached, 'node_modules', name);
}
