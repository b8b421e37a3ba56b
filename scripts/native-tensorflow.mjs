// Builds the native TensorFlow engine where tfjs-node's own prebuilt library cannot be fetched: `npm run native:tensorflow [-- FOLDER]`.
// Takes @tensorflow/tfjs-node from the npm registry, the library and headers out of the `tensorflow-cpu` wheel from PyPI, and compiles the
// binding against them. Linux; needs python3 with pip, and g++. About 900 MB in FOLDER, .cache/native-tensorflow unless given.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const folder = resolve(process.argv[2] ?? '.cache/native-tensorflow');
const tfjs = '4.22.0';
const python = process.env['PYTHON'] ?? 'python3';
const run = (command, args, cwd = folder) => execFileSync(command, args, { cwd, stdio: 'inherit' });

mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', `@tensorflow/tfjs-node@${tfjs}`]);
const module = join(folder, 'node_modules/@tensorflow/tfjs-node');

const wheels = join(folder, 'wheels');
run(python, ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary', ':all:', '--dest', wheels, 'tensorflow-cpu']);
const [wheel] = readdirSync(wheels);
const libraries = join(module, 'deps/lib');
rmSync(join(module, 'deps'), { recursive: true, force: true });
mkdirSync(libraries, { recursive: true });
// Only what the binding needs: two libraries and the headers of the C interface.
run(python, ['-c', `
import re, shutil, sys, zipfile
wheel, libraries, include = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if re.fullmatch(r"tensorflow/libtensorflow_(cc|framework)\\.so\\.2", name):
            with archive.open(name) as source, open(libraries + "/" + name.split("/")[1], "wb") as target:
                shutil.copyfileobj(source, target)
        elif re.fullmatch(r"tensorflow/include/(tensorflow/(c|core/platform|tsl)|tsl|xla/tsl|absl)/.*\\.h", name):
            archive.extract(name, include)
`, join(wheels, wheel), libraries, join(folder, 'wheel')]);
rmSync(wheels, { recursive: true });
symlinkSync('libtensorflow_cc.so.2', join(libraries, 'libtensorflow.so'));
symlinkSync('libtensorflow_framework.so.2', join(libraries, 'libtensorflow_framework.so'));

const headers = [join(dirname(dirname(process.execPath)), 'include/node'), '/usr/include/node', '/usr/local/include/node'].find((path) => existsSync(join(path, 'node_api.h')));
if (headers === undefined) throw new Error('the headers of Node (node_api.h) were not found beside the node that runs this');
mkdirSync(join(module, 'lib/napi-v8'), { recursive: true });
run('g++', [
  '-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8', '-I', join(folder, 'wheel/tensorflow/include'), '-I', headers,
  'binding/tfjs_backend.cc', 'binding/tfjs_binding.cc', '-L', 'deps/lib', '-ltensorflow', '-ltensorflow_framework',
  '-Wl,-rpath,$ORIGIN/../../deps/lib', '-o', 'lib/napi-v8/tfjs_binding.node',
], module);
run(process.execPath, ['-e', `
const util = require('node:util'); util.isNullOrUndefined ??= (v) => v === null || v === undefined; util.isArray ??= Array.isArray;
const tf = require('@tensorflow/tfjs-node');
if (tf.getBackend() !== 'tensorflow' || tf.add(1, 1).dataSync()[0] !== 2) throw new Error('the native library does not compute');
`]);
console.log(`TFJS_NODE=${module}`);
