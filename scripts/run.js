// Runs a TypeScript script: `node scripts/run.js scripts/NAME.ts [ARGUMENT…]`. It is bundled with esbuild to out/scripts and executed from there.
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const esbuild = require('esbuild');

const [script, ...rest] = process.argv.slice(2);
if (script === undefined) {
  console.error('usage: node scripts/run.js FILE.ts [ARGUMENT…]');
  process.exit(2);
}
const root = path.dirname(__dirname);
const outfile = path.join(root, 'out', 'scripts', `${path.basename(script, path.extname(script))}.cjs`);
esbuild.buildSync({ entryPoints: [script], outfile, bundle: true, platform: 'node', format: 'cjs', target: 'node20', packages: 'external', sourcemap: 'inline', logLevel: 'warning' });
const { status } = spawnSync(process.execPath, ['--enable-source-maps', outfile, ...rest], { stdio: 'inherit' });
process.exit(status ?? 1);
