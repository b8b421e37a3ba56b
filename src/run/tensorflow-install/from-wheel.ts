import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compiler, npm, python } from './programs';
import { runCommand, type CommandOptions } from './run-command';

/** The wheel that holds the library, and the digest that PyPI has for it. */
const WHEEL = { package: 'tensorflow-cpu==2.21.0', python: '3.12', sha256: 'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb' };
const NODE_HEADERS = 'node-api-headers@1.9.0';

/** Where this works: the wheel and what links against it are for one platform. */
export const canBuildFromWheel = process.platform === 'linux' && process.arch === 'x64';

/** Takes two libraries and the headers of the C interface out of the wheel; the rest of it is not needed. */
const EXTRACT = `
import re, shutil, sys, zipfile
wheel, libraries, include = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if re.fullmatch(r"tensorflow/libtensorflow_(cc|framework)\\.so\\.2", name):
            with archive.open(name) as source, open(libraries + "/" + name.split("/")[1], "wb") as target:
                shutil.copyfileobj(source, target)
        elif re.fullmatch(r"tensorflow/include/(tensorflow/(c|core/platform|tsl)|tsl|xla/tsl|absl)/.*\\.h", name):
            archive.extract(name, include)
`;

/**
 * Gives a package of tfjs-node its library out of the `tensorflow-cpu` wheel of PyPI and compiles its binding against that, where its own prebuilt
 * library cannot be downloaded. Needs python3 with pip, and g++. Throws `UserError` `program-missing`, `install-failed`, `cancelled`.
 */
export async function buildFromWheel(folder: string, module: string, options: Omit<CommandOptions, 'cwd'>, onStep: (step: 'wheel' | 'compile') => void): Promise<void> {
  const within: CommandOptions = { ...options, cwd: folder };
  const [wheels, include, libraries] = [join(folder, 'wheels'), join(folder, 'wheel'), join(module, 'deps', 'lib')];
  onStep('wheel');
  await writeFile(join(folder, 'requirements.txt'), `${WHEEL.package} --hash=sha256:${WHEEL.sha256}\n`);
  await runCommand(python(), ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary', ':all:', '--python-version', WHEEL.python, '--require-hashes', '--dest', wheels, '--requirement', 'requirements.txt'], within);
  const [wheel = ''] = await readdir(wheels);
  await rm(join(module, 'deps'), { recursive: true, force: true });
  await mkdir(libraries, { recursive: true });
  await runCommand(python(), ['-c', EXTRACT, join(wheels, wheel), libraries, include], within);
  await rm(wheels, { recursive: true });
  // Under the names that the binding asks for.
  await symlink('libtensorflow_cc.so.2', join(libraries, 'libtensorflow.so'));
  await symlink('libtensorflow_framework.so.2', join(libraries, 'libtensorflow_framework.so'));

  onStep('compile');
  await runCommand(npm(), ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', NODE_HEADERS], within);
  await mkdir(join(module, 'lib', 'napi-v8'), { recursive: true });
  await runCommand(compiler(), [
    '-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8', '-I', join(include, 'tensorflow', 'include'), '-I', join(folder, 'node_modules', 'node-api-headers', 'include'),
    'binding/tfjs_backend.cc', 'binding/tfjs_binding.cc', '-L', 'deps/lib', '-ltensorflow', '-ltensorflow_framework',
    '-Wl,-rpath,$ORIGIN/../../deps/lib', '-o', 'lib/napi-v8/tfjs_binding.node',
  ], { ...within, cwd: module });
  await rm(include, { recursive: true });
}
