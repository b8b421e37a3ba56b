#!/usr/bin/env node
// Takes the arguments of desktop VS Code that @vscode/test-electron passes, and runs them on the npm-delivered one.
import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openWorkbench } from './browser';
import { installHost } from './host';
import { installExtension, startServer } from './server';
import { wrapSuite } from './suite-wrapper';

const limit = Number(process.env['CODE_SHIM_TIMEOUT_MS'] ?? 240_000);

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  strict: false, // --no-sandbox, --disable-updates and the like mean nothing here
  options: {
    extensionDevelopmentPath: { type: 'string', multiple: true },
    extensionTestsPath: { type: 'string' },
    'user-data-dir': { type: 'string' },
    'extensions-dir': { type: 'string' },
    'install-extension': { type: 'string' },
  },
});
const text = (name: string): string | undefined => {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
};

async function main(): Promise<void> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'code-shim-'));
  const profile = { userData: text('user-data-dir') ?? path.join(scratch, 'user'), extensions: text('extensions-dir') ?? path.join(scratch, 'extensions') };
  const vscode = installHost();
  const extension = text('install-extension');
  if (extension !== undefined) {
    installExtension(vscode, profile, extension);
    rmSync(scratch, { recursive: true, force: true });
    return;
  }
  const tests = text('extensionTestsPath');
  const suite = tests === undefined ? undefined : wrapSuite(tests, scratch);
  const server = await startServer(vscode, profile);
  let position = 0;
  const show = (): void => {
    if (suite === undefined) return;
    const file = openSync(suite.output, 'r');
    const chunk = Buffer.alloc(1 << 16);
    for (let count = readSync(file, chunk, 0, chunk.length, position); count > 0; count = readSync(file, chunk, 0, chunk.length, position)) {
      process.stdout.write(chunk.subarray(0, count));
      position += count;
    }
    closeSync(file);
  };
  setInterval(show, 200).unref();
  const finish = (code: number, reason?: string): void => {
    show();
    if (reason !== undefined) console.error(reason);
    server.stop();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
    process.exit(code);
  };
  process.on('SIGINT', () => finish(130));
  process.on('SIGTERM', () => finish(143));
  setTimeout(() => finish(124, `the tests did not end within ${limit} ms`), limit).unref();
  const development = (options.extensionDevelopmentPath as string[] | undefined) ?? [];
  const { page } = await openWorkbench({
    port: server.port,
    folder: positionals[0],
    development,
    tests: suite?.module,
    onExit: (code) => {
      const lost = code === 0 && suite !== undefined && !existsSync(suite.done);
      setTimeout(() => finish(lost ? 70 : code, lost ? 'the extension host ended before the tests did' : undefined), 50);
    },
  });
  page.on('crash', () => finish(1, 'the workbench crashed'));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
