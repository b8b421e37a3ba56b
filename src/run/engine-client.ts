import { fork } from 'node:child_process';
import { join } from 'node:path';
import { CancellationTokenSource, createMessageConnection, IPCMessageReader, IPCMessageWriter, NotificationType, RequestType } from 'vscode-jsonrpc/node';
import { UserError } from '../error';
import type { DigestParameters, InspectParameters, PlanParameters, PlanReport, Progress, RunParameters, RunResult, Written } from '../protocol/engine-protocol';
import type { DataReport, DuplicateGroup, ForgetPreview, InspectDataParameters, PreviewDataParameters } from '../protocol/data-report';
import type { ModelReport } from '../protocol/model-report';
import type { ProbeParameters } from '../protocol/engine-settings';
import { fromResponseError, toResponseError } from './errors-over-rpc';
import type { StagedDigests } from './staged-digests';

export const planRequest = new RequestType<PlanParameters, PlanReport, unknown>('plan');
export const runRequest = new RequestType<RunParameters, RunResult, unknown>('run');
export const inspectRequest = new RequestType<InspectParameters, ModelReport, unknown>('inspect');
export const offeredRequest = new RequestType<Record<string, never>, readonly string[], unknown>('offered');
export const probeRequest = new RequestType<ProbeParameters, Readonly<Record<string, string>>, unknown>('probe');
export const inspectDataRequest = new RequestType<InspectDataParameters, DataReport, unknown>('inspectData');
export const groupsRequest = new RequestType<PlanParameters, readonly DuplicateGroup[], unknown>('groups');
export const previewDataRequest = new RequestType<PreviewDataParameters, ForgetPreview | null, unknown>('previewData');
export const progressNotification = new NotificationType<Progress>('progress');
export const writtenNotification = new NotificationType<Written>('written');
export const digestRequest = new RequestType<DigestParameters, string, unknown>('digest');

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Leaves an engine alive that does not stop at once when it is asked to: it has other questions to answer, and what it opens for one serves the next. */
  readonly patient?: boolean | undefined;
  /** Reads the staged files, as they are written, for the engine. */
  readonly digests?: StagedDigests | undefined;
}

/** How long an engine that was asked to stop may take before it is killed. Killing it is always safe. */
const GRACE_MILLISECONDS = 3000;

/** The engine in a process of its own. Dispose of it when done. */
export interface EngineClient {
  readonly processId: number | undefined;
  plan(parameters: PlanParameters, options?: CallOptions): Promise<PlanReport>;
  run(parameters: RunParameters, options?: CallOptions): Promise<RunResult>;
  inspect(parameters: InspectParameters, options?: CallOptions): Promise<ModelReport>;
  inspectData(parameters: InspectDataParameters, options?: CallOptions): Promise<DataReport>;
  /** Null where the source does not say its files yet. Cancelling stops what is being looked up and leaves the engine to the next question. */
  previewData(parameters: PreviewDataParameters, options?: CallOptions): Promise<ForgetPreview | null>;
  /** Copies and near duplicates of what a request would forget. */
  groups(parameters: PlanParameters, options?: CallOptions): Promise<readonly DuplicateGroup[]>;
  /** Whether it can be asked anything. */
  readonly alive: boolean;
  /** Execution providers that the installed onnxruntime may have. */
  offered(options?: CallOptions): Promise<readonly string[]>;
  /** Versions of an engine that opens. Rejects with `engine-missing` where it does not. */
  probe(parameters: ProbeParameters, options?: CallOptions): Promise<Readonly<Record<string, string>>>;
  dispose(): void;
}

/**
 * Starts an engine process. `entry` is its bundled program, beside this one unless given.
 * Calls reject with `UserError` (`engine-died`, `cancelled`, or whatever the engine reports).
 */
export function startEngine(entry: string = join(__dirname, 'engine.js')): EngineClient {
  // ELECTRON_RUN_AS_NODE: in desktop VS Code the executable is Electron.
  const child = fork(entry, [], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' }, execArgv: [] });
  let lastWords = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-2000);
  });
  const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
  let died: ((error: UserError) => void) | undefined;
  const death = new Promise<never>((_resolve, reject) => {
    died = reject;
  });
  death.catch(() => undefined);
  const end = (how: string): void => {
    died?.(new UserError('engine-died', `the engine process ended before its work was done (${how})${lastWords === '' ? '' : `: ${lastWords.trim()}`}`, { remedy: 'Nothing was changed. Run again; if it happens again, try the other engine; a damaged data file can do this too.' }));
    connection.dispose();
  };
  child.once('exit', (code, signal) => end(signal ?? `exit code ${code ?? 'unknown'}`));
  child.once('error', (error) => end(error.message));
  connection.listen();

  async function call<P, R>(type: RequestType<P, R, unknown>, parameters: P, { signal, onProgress, digests, patient = false }: CallOptions = {}): Promise<R> {
    const cancellation = new CancellationTokenSource();
    const listeners = [
      connection.onNotification(progressNotification, (progress) => onProgress?.(progress)),
      connection.onNotification(writtenNotification, (written) => digests?.written(written)),
      connection.onRequest(digestRequest, ({ staged }) => digests?.of(staged).catch((error: unknown) => {
        throw toResponseError(error);
      })),
    ];
    let timer: NodeJS.Timeout | undefined;
    const abort = (): void => {
      cancellation.cancel();
      if (!patient) timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MILLISECONDS);
    };
    try {
      if (signal?.aborted === true) {
        throw cancelled();
      }
      signal?.addEventListener('abort', abort, { once: true });
      return await Promise.race([connection.sendRequest(type, parameters, cancellation.token), death]);
    } catch (error) {
      throw signal?.aborted === true ? cancelled() : fromResponseError(error);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      for (const listener of listeners) listener.dispose();
      cancellation.dispose();
    }
  }

  return {
    processId: child.pid,
    plan: (parameters, options) => call(planRequest, parameters, options),
    run: (parameters, options) => call(runRequest, parameters, options),
    inspect: (parameters, options) => call(inspectRequest, parameters, options),
    inspectData: (parameters, options) => call(inspectDataRequest, parameters, options),
    previewData: (parameters, options) => call(previewDataRequest, parameters, { ...options, patient: true }),
    groups: (parameters, options) => call(groupsRequest, parameters, options),
    get alive() {
      return child.connected && child.exitCode === null && !child.killed;
    },
    offered: (options) => call(offeredRequest, {}, options),
    probe: (parameters, options) => call(probeRequest, parameters, options),
    dispose: () => {
      child.removeAllListeners('exit');
      end('stopped');
      child.kill('SIGKILL');
    },
  };
}

function cancelled(): UserError {
  return new UserError('cancelled', 'cancelled; nothing was changed', { remedy: 'Run it again at any time.' });
}
