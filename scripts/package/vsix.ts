import { createVSIX } from '@vscode/vsce';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../root';
import { stageNativeModules, type Target } from './native-modules';

/** What ships besides dist/ and the manifest. */
const shipped = ['README.md', 'LICENSE', 'CHANGELOG.md', 'package.nls.json', 'package.nls.de.json', 'media', 'l10n', 'schemas', 'examples/mnist'];
/** Parts of the manifest that mean something to npm alone. */
const npmOnly = ['dependencies', 'devDependencies', 'optionalDependencies', 'scripts', 'bin', 'files'];

/**
 * Packages what lies in dist/ as a platform-specific .vsix in out/: staged first, so that it holds only what runs.
 * @returns its path and size in bytes
 */
export async function packageVsix(target: Target): Promise<{ file: string; bytes: number }> {
  const stage = path.join(root, 'out', `stage-${target}`);
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  writeFileSync(path.join(stage, 'package.json'), JSON.stringify(Object.fromEntries(Object.entries(manifest).filter(([key]) => !npmOnly.includes(key))), null, 2));
  for (const name of shipped) {
    if (existsSync(path.join(root, name))) cpSync(path.join(root, name), path.join(stage, name), { recursive: true });
  }
  cpSync(path.join(root, 'dist'), path.join(stage, 'dist'), { recursive: true, filter: (file) => !file.endsWith('.map') });
  stageNativeModules(target, path.join(stage, 'dist/node_modules'));
  writeFileSync(path.join(stage, '.vscodeignore'), '**/*.map\n');
  const file = path.join(root, 'out', `${String(manifest['name'])}-${target}-${String(manifest['version'])}.vsix`);
  await createVSIX({ cwd: stage, packagePath: file, target, dependencies: false, rewriteRelativeLinks: false, allowMissingRepository: true });
  return { file, bytes: statSync(file).size };
}

/** The target that this machine runs. */
export function ownTarget(): Target {
  return `${process.platform}-${process.arch}` as Target;
}
