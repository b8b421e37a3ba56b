import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CountedMessage, DocumentMessage, FromPanel } from '../../../src/protocol/panel-messages';
import { Counting } from '../../../webview/panel/counting';
import { withValue } from '../../../webview/panel/state';

const request = (forget: unknown, train: unknown = { format: 'csv', path: 'a.csv' }): DocumentMessage => ({ type: 'document', name: 'a', value: { data: { train }, forget }, planned: undefined, problems: [] });
const answer = (question: number): CountedMessage => ({ type: 'counted', question, status: 'none' });

let sent: FromPanel[] = [];
let waits = 0;
let counting: Counting;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  waits = 0;
  counting = new Counting((message) => sent.push(message), () => {
    waits++;
  });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('counting while a selection is written', () => {
  it('asks once the fields are quiet, for what they say then', () => {
    counting.follow(request({ where: 'a = 1', rows: [1] }));
    counting.typed(['forget', 'where'], 'a = 2');
    counting.typed(['forget', 'where'], 'a = 23');
    expect(sent).toEqual([]);
    vi.runAllTimers();
    expect(sent).toEqual([{ type: 'count', question: 3, forget: { where: 'a = 23', rows: [1] } }]);
    expect(waits).toBe(3);
  });

  it('takes the answer to the last question alone', () => {
    counting.follow(request({ where: 'a = 1' }));
    counting.typed(['forget', 'where'], 'a = 2');
    expect([1, 2].map((question) => counting.isCurrent(answer(question)))).toEqual([false, true]);
  });

  it('asks nothing new for fields that select nothing, nor for a document that says the same', () => {
    counting.follow(request({ where: 'a = 1' }));
    vi.runAllTimers();
    counting.typed(['target', 'epsilon'], 2);
    counting.follow(request({ where: 'a = 1' }));
    vi.runAllTimers();
    expect(sent).toHaveLength(1);
  });

  it('asks again for other data, and where files have changed', () => {
    counting.follow(request({}));
    vi.runAllTimers();
    counting.follow(request({}, { format: 'csv', path: 'b.csv' }));
    vi.runAllTimers();
    counting.again();
    vi.runAllTimers();
    expect(sent).toHaveLength(3);
  });

  it('understands requests in lists, and a document without any selection', () => {
    counting.follow(request({ requests: [{ reference: 'a' }, { reference: 'b' }] }));
    counting.typed(['forget', 'requests', 1, 'where'], 'x');
    vi.runAllTimers();
    expect(sent).toMatchObject([{ forget: { requests: [{ reference: 'a' }, { reference: 'b', where: 'x' }] } }]);
    counting.follow({ ...request({}), value: undefined });
    counting.typed(['forget', 'where'], 'y');
    vi.runAllTimers();
    expect(sent.at(-1)).toMatchObject({ forget: { where: 'y' } });
  });
});

describe('a value with another at a path', () => {
  it('has it in lists and objects, and loses what becomes undefined', () => {
    expect(withValue({ a: [{ b: 1 }, { b: 2 }], c: 3 }, ['a', 1, 'b'], 5)).toEqual({ a: [{ b: 1 }, { b: 5 }], c: 3 });
    expect(withValue({ a: { b: 1, c: 2 } }, ['a', 'b'], undefined)).toEqual({ a: { c: 2 } });
    expect(withValue({}, ['a', 'b'], 1)).toEqual({ a: { b: 1 } });
  });
});
