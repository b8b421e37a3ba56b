import { createMessageConnection, IPCMessageReader, IPCMessageWriter, type CancellationToken } from 'vscode-jsonrpc/node';
import type { Progress, Written } from '../protocol/engine-protocol';
import { digestRequest, groupsRequest, inspectDataRequest, inspectRequest, offeredRequest, planRequest, previewDataRequest, probeRequest, progressNotification, runRequest, writtenNotification } from './engine-client';
import { engineOptions } from './engine-options';
import { toResponseError } from './errors-over-rpc';
import type { ForgetPreviewer } from './forget-previewer';

/**
 * The engine's own process: an extension host or command line speaks to it over the channel that `fork` opens.
 * It writes only to the staging folder that it is given, so killing it at any moment is safe. What answers a question is loaded when it is asked:
 * a process that streams a checkpoint needs none of the libraries that open models.
 */
const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));

const onProgress = (progress: Progress): void => {
  void connection.sendNotification(progressNotification, { ...progress, memory: process.resourceUsage().maxRSS * 1024 });
};

const onWritten = (written: Written): void => {
  void connection.sendNotification(writtenNotification, written);
};

/** The host reads what is staged, and signs for what it read. */
const digestOf = (staged: string): Promise<string> => connection.sendRequest(digestRequest, { staged });

let previewer: Promise<ForgetPreviewer> | undefined;

/** One for all questions: what it opens for one serves the next. */
function thePreviewer(): Promise<ForgetPreviewer> {
  previewer ??= import('./forget-previewer').then(({ ForgetPreviewer }) => new ForgetPreviewer());
  return previewer;
}

connection.onRequest(planRequest, ({ request, engines }, token) => answer(token, async () => (await import('./plan-request')).planRequestFile(request, engineOptions(engines))));
connection.onRequest(inspectRequest, ({ model, base }, token) => answer(token, async () => (await import('./inspect')).inspect(model, base)));
connection.onRequest(offeredRequest, (_nothing, token) => answer(token, async () => (await import('./probe-engine')).offered()));
connection.onRequest(probeRequest, (parameters, token) => answer(token, async () => (await import('./probe-engine')).probeEngine(parameters)));
connection.onRequest(groupsRequest, ({ request }, token) => answer(token, async () => (await (await import('./preview-request')).previewRequest(request, 0)).groups));
connection.onRequest(inspectDataRequest, (parameters, token) => answer(token, async () => (await import('./inspect-data')).inspectData(parameters)));
connection.onRequest(previewDataRequest, (parameters, token) => answer(token, async (signal) => (await (await thePreviewer()).preview(parameters, signal)) ?? null));
connection.onRequest(runRequest, ({ request, staging, engines }, token) => answer(token, async (signal) => {
  const started = Date.now();
  return (await import('./run-request')).runRequestFile(request, staging, { started, onProgress, onWritten, digestOf, signal, engines: engineOptions(engines) });
}));

// The host is gone: nobody is left to publish anything.
process.once('disconnect', () => process.exit(0));
connection.listen();

async function answer<R>(token: CancellationToken, work: (signal: AbortSignal) => Promise<R>): Promise<R> {
  const abort = new AbortController();
  const subscription = token.onCancellationRequested(() => abort.abort());
  try {
    return await work(abort.signal);
  } catch (error) {
    throw toResponseError(error);
  } finally {
    subscription.dispose();
  }
}
