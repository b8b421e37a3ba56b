// Runs a TypeScript file of this repository: `node scripts/run.js scripts/package.ts linux-x64`.
// Bundled by esbuild into out/, because Node 20 does not strip types; packages stay where npm put them.
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { bundleScript } = require('../esbuild.js');

const [script, ...args] = process.argv.slice(2);
if (script === undefined) {
  console.error('usage: node scripts/run.js SCRIPT.ts [ARGUMENTS]');
  process.exit(2);
}
const { status, signal } = spawnSync(process.execPath, ['--enable-source-maps', bundleScript(path.dirname(__dirname), path.resolve(script)), ...args], { stdio: 'inherit' });
process.exit(status ?? (signal === 'SIGINT' ? 130 : 1));
