// Runs a TypeScript file of this repository: `node scripts/run.js scripts/NAME.ts [ARGUMENT…]`.
// Bundled by esbuild into out/, because Node 20 does not strip types; packages stay where npm put them.
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { bundleScript } = require('../esbuild.js');

const [script, ...rest] = process.argv.slice(2);
if (script === undefined) {
  console.error('usage: node scripts/run.js FILE.ts [ARGUMENT…]');
  process.exit(2);
}
const bundle = bundleScript(path.dirname(__dirname), path.resolve(script));
const { status } = spawnSync(process.execPath, ['--enable-source-maps', bundle, ...rest], { stdio: 'inherit' });
process.exit(status ?? 1);
