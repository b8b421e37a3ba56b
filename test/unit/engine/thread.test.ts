import { expect, test } from 'vitest';
import { Thread } from '../../../src/engine/thread';

const failure = (reason: string): Error => new Error(reason);
/** A thread that answers each question after so many milliseconds. */
const answeringAfter = (milliseconds: number): string => `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', ({ number }) => setTimeout(() => parentPort.postMessage({ number, content: 'answer' }), ${milliseconds}));
`;

test('a thread that may take any time is not ended before it has answered, however long that takes', async () => {
  const thread = new Thread<string, string>(answeringAfter(6000), { failure });
  const answer = thread.ask('question', []);
  await thread.close();
  expect(await answer).toBe('answer');
  await expect(thread.ask('another', [])).rejects.toThrow('it was closed');
});

test('a thread that has to answer in time is ended when it does not', async () => {
  const thread = new Thread<string, string>(answeringAfter(600_000), { failure, patience: 100 });
  const answer = thread.ask('question', []);
  await thread.close();
  await expect(answer).rejects.toThrow(/closed|did not answer within 0.1 seconds/);
});
