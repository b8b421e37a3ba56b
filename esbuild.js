// Builds what ships into dist/: `node esbuild.js [--production] [--watch]`.
const esbuild = require('esbuild');
const fs = require('node:fs');
const path = require('node:path');

/** Native addons, which no bundle can hold: the package carries them in dist/node_modules. tfjs-node is found where a user installed it. */
const native = ['onnxruntime-node', '@duckdb/node-bindings*', '@tensorflow/tfjs-node'];

/** One bundle each for the extension host, the command line, the engine's own process, and each webview page. */
const bundles = [
  { entry: 'src/extension/extension.ts', outfile: 'dist/extension.js', platform: 'node', external: ['vscode', ...native], split: true },
  { entry: 'src/cli/main.ts', outfile: 'dist/cli.js', platform: 'node', external: native, split: true, executable: true },
  { entry: 'src/run/engine-process.ts', outfile: 'dist/engine.js', platform: 'node', external: native, split: true },
  { entry: 'webview/panel.ts', outfile: 'dist/webview/panel.js', platform: 'browser' },
  { entry: 'webview/certificate.ts', outfile: 'dist/webview/certificate.js', platform: 'browser' },
  { entry: 'webview/model.ts', outfile: 'dist/webview/model.js', platform: 'browser' },
  { entry: 'webview/report.ts', outfile: 'dist/webview/report.js', platform: 'browser' },
  { entry: 'webview/comparison.ts', outfile: 'dist/webview/comparison.js', platform: 'browser' },
];

/** Files that the bundles read at run time, from beside themselves. */
const assets = [
  { from: 'node_modules/@tensorflow/tfjs-backend-wasm/dist', pattern: /^tfjs-backend-wasm(-simd)?\.wasm$/, to: 'dist' },
  { from: 'node_modules/dejavu-fonts-ttf/ttf', pattern: /^DejaVuSansCondensed(-Bold)?\.ttf$/, to: 'dist/fonts' },
  { from: 'node_modules/dejavu-fonts-ttf', pattern: /^LICENSE$/, to: 'dist/fonts' },
];

/**
 * Modules of packages whose bulk no page uses, by what does the same for pages: every browser has typed arrays, and scales here are of numbers alone, so that
 * the colours, dates and transforms of d3-interpolate and the number formats of d3-format need not be shipped.
 */
const lightModules = {
  ...Object.fromEntries(['Float64Array', 'Uint32Array', 'Uint16Array', 'Uint8Array'].map((type) => [`@stdlib/array-${type.slice(0, -5).toLowerCase()}`, `module.exports = ${type};`])),
  '@stdlib/utils-define-nonenumerable-read-only-property': 'module.exports = (object, key, value) => Object.defineProperty(object, key, { value });',
  'd3-interpolate': `
    export const interpolateNumber = (a, b) => (at) => a * (1 - at) + b * at;
    export const interpolateRound = (a, b) => (at) => Math.round(a * (1 - at) + b * at);
    export const piecewise = () => { throw new Error('only numbers are interpolated here'); };
    export { interpolateNumber as interpolate };`,
  'd3-format': `
    const unused = () => { throw new Error('numbers are written by webview/numbers.ts'); };
    export { unused as format, unused as formatPrefix, unused as formatSpecifier, unused as precisionFixed, unused as precisionPrefix, unused as precisionRound };`,
};

const lighter = {
  name: 'lighter',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^(${Object.keys(lightModules).join('|')})$`) }, ({ path: name }) => ({ path: name, namespace: 'lighter' }));
    // Style sheets and markup of the controls lie in template literals, which no minifier touches: their lines need no indentation. Design tokens of controls
    // that are not registered, and ways to inject that nothing uses, do nothing but exist.
    build.onLoad({ filter: /[\\/](webview-ui-toolkit|fast-foundation|fast-element)[\\/].*\.js$/ }, async ({ path: file }) => ({ contents: (await fs.promises.readFile(file, 'utf8')).replace(/\n\s+/g, '\n').replace(/^(export const \w+ = )(create|createResolver|createAllResolver)\(/gm, '$1/* @__PURE__ */ $2('), loader: 'js' }));
    // An enumeration of keys by numbers that nothing here reads.
    build.onLoad({ filter: /fast-web-utilities[\\/]dist[\\/]key-codes\.js$/ }, async ({ path: file }) => ({ contents: (await fs.promises.readFile(file, 'utf8')).replace(/export var KeyCodes;[^]*?\}\)\(KeyCodes \|\| \(KeyCodes = \{\}\)\);/, ''), loader: 'js' }));
    build.onLoad({ filter: /.*/, namespace: 'lighter' }, ({ path: name }) => ({ contents: lightModules[name], loader: 'js' }));
  },
};

/** zod carries its messages in all languages, which each process would read when it starts; here they are in English. */
const inEnglish = {
  name: 'in-english',
  setup(build) {
    build.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: "export { default as en } from './en.js';", loader: 'js' }));
  },
};

/** What the build for pages has besides. */
const pageOptions = { plugins: [lighter], charset: 'utf8' };

function optionsOf({ entry, outfile, platform, external = [], executable = false, split = false }, production) {
  const { dir, name } = path.parse(path.join(__dirname, outfile));
  return {
    ...(split
      ? { entryPoints: { [name]: path.join(__dirname, entry) }, outdir: dir, chunkNames: `${name}-[hash]`, splitting: true, write: false, plugins: [inEnglish, commonJsParts(dir, name, { production, executable })] }
      : { entryPoints: [path.join(__dirname, entry)], outfile: path.join(__dirname, outfile) }),
    bundle: true,
    platform,
    format: split ? 'esm' : platform === 'node' ? 'cjs' : 'iife',
    target: platform === 'node' ? 'node20' : 'es2022',
    external,
    minify: production,
    sourcemap: production ? false : split ? 'inline' : 'linked',
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'warning',
    loader: { '.wasm': 'binary' },
    alias: {
      'jsonc-parser': 'jsonc-parser/lib/esm/main.js', // its main file finds its parts at run time, which no bundler can follow
      pdfkit: path.join(__dirname, 'node_modules/pdfkit/js/pdfkit.js'), // its ES module looks for files beside itself when it is loaded
    },
    ...(platform === 'browser' ? pageOptions : {}),
    define: { 'process.env.NODE_ENV': '"production"' },
  };
}

/**
 * Splits a bundle at its dynamic imports, so that what starts first is not held up by reading what comes later. esbuild splits
 * ECMAScript modules alone, and all parts are to be CommonJS, so each is translated.
 */
function commonJsParts(folder, name, { production, executable }) {
  const isPart = (file) => file.startsWith(`${name}-`) && file.endsWith('.js');
  const translate = async ({ path: file, text }) => {
    const { code } = await esbuild.transform(text, {
      format: 'cjs', platform: 'node', target: 'node20', supported: { 'dynamic-import': false }, minify: production, sourcemap: production ? false : 'inline', legalComments: 'none',
      ...(executable && path.basename(file) === `${name}.js` ? { banner: '#!/usr/bin/env node' } : {}),
    });
    fs.writeFileSync(file, code);
  };
  return {
    name: 'commonjs-parts',
    setup({ onEnd }) {
      onEnd(async ({ errors, outputFiles = [] }) => {
        if (errors.length > 0) return;
        const written = new Set(outputFiles.map((file) => path.basename(file.path)));
        fs.mkdirSync(folder, { recursive: true });
        await Promise.all(outputFiles.map(translate));
        // What is running while its program is built anew still finds its parts; nothing of that is shipped.
        const isOld = (file) => production || Date.now() - fs.statSync(path.join(folder, file)).mtimeMs > 3_600_000;
        for (const file of fs.readdirSync(folder)) if (isPart(file) && !written.has(file) && isOld(file)) fs.rmSync(path.join(folder, file), { force: true });
      });
    },
  };
}

/** Packages that CommonJS cannot load are bundled into scripts as well: a path is not taken for a package. */
const esmOnly = { h5wasm: path.join(__dirname, 'node_modules/h5wasm/dist/esm/hdf5_hl.js') };

/** Bundles one script or test entry of the repository at `root` into its out/ and returns the path of the result. */
function bundleScript(root, file) {
  const outfile = path.join(root, 'out', path.relative(root, file)).replace(/\.ts$/, '.cjs');
  esbuild.buildSync({
    entryPoints: [file], outfile, bundle: true, platform: 'node', format: 'cjs', target: 'node20',
    packages: 'external', external: ['vscode'], alias: esmOnly, sourcemap: 'inline', logLevel: 'warning',
  });
  return outfile;
}

function copyAssets() {
  for (const { from, pattern, to } of assets) {
    fs.mkdirSync(path.join(__dirname, to), { recursive: true });
    for (const name of fs.readdirSync(path.join(__dirname, from)).filter((file) => pattern.test(file))) {
      fs.copyFileSync(path.join(__dirname, from, name), path.join(__dirname, to, name));
    }
  }
}

async function build({ production = false, watch = false } = {}) {
  copyAssets();
  const present = bundles.filter(({ entry }) => fs.existsSync(path.join(__dirname, entry)));
  if (watch) {
    for (const bundle of present) await (await esbuild.context(optionsOf(bundle, production))).watch();
    console.log(`watching ${present.map(({ entry }) => entry).join(', ')}`);
    return;
  }
  const results = await Promise.allSettled(present.map((bundle) => esbuild.build(optionsOf(bundle, production))));
  const failed = results.find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  for (const { outfile, executable } of present) {
    if (executable) fs.chmodSync(path.join(__dirname, outfile), 0o755);
    console.log(`${outfile.padEnd(28)} ${(fs.statSync(path.join(__dirname, outfile)).size / 1024).toFixed(0)} KB`);
  }
}

module.exports = { build, bundleScript, pageOptions };

if (require.main === module) {
  build({ production: process.argv.includes('--production'), watch: process.argv.includes('--watch') }).catch((error) => {
    if (error.errors === undefined) console.error(error); // esbuild has printed its own
    process.exit(1);
  });
}
