import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** What the wrapped suite leaves behind: everything it printed, and a marker that it came to its end. */
export interface WrappedSuite {
  readonly module: string;
  readonly output: string;
  readonly done: string;
}

/**
 * Wraps a test module so that what it prints, and nothing that the workbench logs, can be shown; and so that its end is
 * recorded, because VS Code reports exit code 0 when the extension host dies on the way (process.exit, a native crash).
 */
export function wrapSuite(suite: string, folder: string): WrappedSuite {
  const wrapped = { module: path.join(folder, 'wrapper.cjs'), output: path.join(folder, 'output.log'), done: path.join(folder, 'done') };
  writeFileSync(wrapped.output, '');
  // The console's setters are no-ops in the extension host, hence defineProperty.
  writeFileSync(wrapped.module, `
const fs = require('node:fs');
const { format } = require('node:util');
const put = (text) => fs.appendFileSync(${JSON.stringify(wrapped.output)}, text);
for (const level of ['log', 'info', 'warn', 'error', 'debug', 'trace']) {
  Object.defineProperty(console, level, { configurable: true, writable: true, value: (...values) => put(format(...values) + '\\n') });
}
exports.run = async () => {
  try {
    await require(${JSON.stringify(path.resolve(suite))}).run();
    fs.writeFileSync(${JSON.stringify(wrapped.done)}, '');
  } catch (error) {
    put((error && error.stack || String(error)) + '\\n');
    throw error;
  }
};
`);
  return wrapped;
}
