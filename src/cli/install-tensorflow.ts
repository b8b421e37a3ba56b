import { installTensorFlow, TFJS_NODE, type InstallStep } from '../run/tensorflow-install/install';
import { parse, type Command } from './command';
import { tensorflowHome } from './engine-settings';

const steps: Readonly<Record<InstallStep, string>> = {
  package: `installing ${TFJS_NODE} from the npm registry, without running scripts`,
  library: 'its own installer downloads the TensorFlow library',
  wheel: 'downloading the library of the tensorflow-cpu wheel from PyPI',
  compile: 'compiling the binding against it',
  check: 'trying it out',
};

export const installTensorFlowCommand: Command = {
  name: 'install-tensorflow',
  usage: 'install-tensorflow',
  summary: 'install the native TensorFlow engine, where later runs find it',
  about: `Installs ${TFJS_NODE} into the configuration folder. Where its prebuilt library cannot be downloaded, on Linux (x64) the one of\nthe tensorflow-cpu wheel from PyPI takes its place, which needs python3 with pip, g++ and 1.1 GB. Ctrl+C leaves nothing.`,
  async run(argv, terminal) {
    const { values } = parse(argv, {}, []);
    const folder = tensorflowHome();
    const abort = new AbortController();
    const interrupt = (): void => abort.abort();
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    try {
      const from = await installTensorFlow({ folder, signal: abort.signal, onStep: (step) => terminal.error(steps[step]), onLine: (line) => terminal.error(`  ${line}`) });
      if (values.json === true) terminal.json({ folder, from });
      else terminal.line(`installed ${TFJS_NODE} (${from === 'prebuilt' ? 'with its prebuilt library' : 'with the library of the tensorflow-cpu wheel'}) in ${folder}`);
      return 0;
    } finally {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    }
  },
};
