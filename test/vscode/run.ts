// Runs the suite inside a real VS Code, against the packaged extension: `npm run test:vscode`.
import { resolveCliArgsFromVSCodeExecutablePath, runTests } from '@vscode/test-electron';
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundleScript } from '../../esbuild.js';
import { newestVsix } from '../../scripts/package/newest-vsix';
import { root } from '../../scripts/root';
import { desktopVSCode } from './desktop';

/** Compiles the test files to where the suite's entry finds them, and returns that entry. */
function compileSuite(): string {
  const suite = path.join(root, 'test/vscode/suite');
  rmSync(path.join(root, 'out/test/vscode/suite'), { recursive: true, force: true });
  for (const file of readdirSync(suite).filter((name) => name.endsWith('.test.ts'))) bundleScript(root, path.join(suite, file));
  return bundleScript(root, path.join(suite, 'index.ts'));
}

async function main(): Promise<void> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'vscode-test-'));
  try {
    const desktop = await desktopVSCode();
    let executable = desktop;
    if (executable === undefined) {
      console.log('Desktop VS Code cannot be had here; using the npm-delivered one.');
      executable = bundleScript(root, path.join(root, 'scripts/vscode/code-shim.ts'));
      chmodSync(executable, 0o755);
    }
    const profile = ['--user-data-dir', path.join(scratch, 'user'), '--extensions-dir', path.join(scratch, 'extensions')];
    const [command = executable, ...parameters] = desktop === undefined ? [executable] : resolveCliArgsFromVSCodeExecutablePath(desktop, { reuseMachineInstall: true });
    execFileSync(command, [...parameters, ...profile, '--install-extension', newestVsix()], { stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' });

    const workspace = path.join(scratch, 'workspace');
    mkdirSync(workspace);
    // Beside the workspace: a request in it would wake the extension before the suite has seen it asleep.
    cpSync(path.join(root, 'examples'), path.join(scratch, 'examples'), { recursive: true });
    await runTests({
      vscodeExecutablePath: executable,
      extensionDevelopmentPath: path.join(root, 'test/vscode/harness'),
      extensionTestsPath: compileSuite(),
      launchArgs: [workspace, ...profile],
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
