import { resolve } from 'node:path';
import { signerFromPem } from '../certificate/keys';
import type { Metrics, MetricsBySet, RunMetrics } from '../protocol/engine-protocol';
import { startRun, type Completed } from '../run/start-run';
import { parse, type Command } from './command';
import { engineFlags, engineSettings, engineUsage } from './engine-settings';
import { signingKey } from './signing-key';
import type { Terminal } from './terminal';

export const runCommand: Command = {
  name: 'run',
  usage: 'run REQUEST [--key PEM] [--overwrite] [--threads N] [--provider NAME] [--tensorflow FOLDER]',
  summary: 'unlearn: writes the new model and its signed certificate',
  about: 'Runs the request. The original model is not touched; Ctrl+C leaves everything as it was.\n--key PEM     the private key to sign with (ECDSA P-256); your own, created on first use, unless given\n--overwrite   replace the result of an earlier run\n' + engineUsage,
  async run(argv, terminal) {
    const { values, operands } = parse(argv, { key: { type: 'string' }, overwrite: { type: 'boolean' }, ...engineFlags }, ['REQUEST']);
    const engines = engineSettings(values);
    const key = await signingKey(values.key);
    const signer = signerFromPem(key.privatePem);
    if (key.created) {
      terminal.error(`created a signing key: ${key.path} (fingerprint SHA-256 ${signer.fingerprint})`);
    }
    const abort = new AbortController();
    const interrupt = (): void => abort.abort();
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    try {
      const completed = await startRun(resolve(operands.REQUEST), { signer, engines, overwrite: values.overwrite, signal: abort.signal, onProgress: (progress) => terminal.progress(progress) });
      if (values.json === true) {
        const { model, certificate, privateFolder, engine, engineReason, guarantee, metrics, seconds } = completed;
        terminal.json({ model, certificate, privateFolder, engine, engineReason, guarantee, metrics, seconds, publicKey: signer.publicKey, fingerprint: signer.fingerprint });
      } else {
        print(completed, signer.fingerprint, terminal);
      }
      return 0;
    } finally {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    }
  },
};

function print({ metrics, guarantee, model, certificate, privateFolder, engine, engineReason, seconds }: Completed, fingerprint: string, terminal: Terminal): void {
  terminal.line(`unlearned in ${seconds.toFixed(1)} s on ${engine}: ε = ${guarantee.epsilon}, δ = ${guarantee.delta} against the ${guarantee.reference} reference`);
  terminal.line();
  if (metrics !== undefined) {
    printMetrics(metrics, terminal);
  }
  terminal.line(`model        ${model}`);
  terminal.line(`certificate  ${certificate}`);
  terminal.line(`signed by    SHA-256 ${fingerprint}`);
  if (engineReason !== undefined) terminal.line(`engine       ${engineReason}`);
  terminal.line(`private      ${privateFolder} (run report and salts; keep them to yourself)`);
}

function printMetrics(metrics: RunMetrics, terminal: Terminal): void {
  terminal.line('accuracy (loss)      original          after noise       after recovery');
  const sets: readonly (keyof MetricsBySet)[] = ['retain', 'forget', 'evaluation'];
  for (const set of sets) {
    const cells = [metrics.before[set], metrics.afterNoise[set], metrics.afterRecovery[set]].map((cell) => text(cell).padEnd(18));
    if (metrics.before[set] !== undefined) {
      terminal.line(`  ${set.padEnd(19)}${cells.join('')}`.trimEnd());
    }
  }
  terminal.line();
}

function text(metrics: Metrics | undefined): string {
  if (metrics === undefined) {
    return '';
  }
  return metrics.accuracy === undefined ? metrics.loss.toFixed(4) : `${(100 * metrics.accuracy).toFixed(2)} % (${metrics.loss.toFixed(3)})`;
}
