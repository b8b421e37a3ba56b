import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRequest, requireRequest } from '../../../src/request/parse-request';
import { requestJsonSchema } from '../../../src/request/json-schema';
import type { RequestInput } from '../../../src/request/schema';

const valid = {
  version: 1,
  model: 'digits.h5',
  data: { train: { format: 'idx', features: 'x.gz', labels: 'y.gz', scale: { divide: 255 } } },
  forget: { rows: [1, '5-9'] },
  target: { epsilon: 1, delta: 1e-5 },
  method: { name: 'gradient-clipping', initialRadius: 1, gradientRadius: 0.1, learningRate: 0.1, decay: 0.5, steps: 10 },
} as const satisfies RequestInput;

function problemsOf(change: (request: Record<string, unknown>) => void): readonly { field: string; message: string }[] {
  const request = structuredClone(valid) as unknown as Record<string, unknown>;
  change(request);
  return parseRequest(JSON.stringify(request)).problems.map(({ field, message }) => ({ field, message }));
}

function inside(request: Record<string, unknown>, name: string): Record<string, unknown> {
  return request[name] as Record<string, unknown>;
}

describe('the request file', () => {
  it('is accepted as the documentation writes it, with defaults filled in', () => {
    const { request } = parseRequest(JSON.stringify(valid));
    expect(request).toMatchObject({ duplicates: 'refuse', engine: 'auto', seed: 0, target: { reference: 'retrained' }, method: { batchSize: 128 }, recovery: { epochs: 1, optimizer: 'sgd' } });
  });

  it.each([
    ['epsilon zero', (r: Record<string, unknown>) => (inside(r, 'target')['epsilon'] = 0), 'target.epsilon', /more than 0/],
    ['epsilon negative', (r: Record<string, unknown>) => (inside(r, 'target')['epsilon'] = -1), 'target.epsilon', /more than 0/],
    ['delta one', (r: Record<string, unknown>) => (inside(r, 'target')['delta'] = 1), 'target.delta', /less than 1/],
    ['delta zero', (r: Record<string, unknown>) => (inside(r, 'target')['delta'] = 0), 'target.delta', /more than 0/],
    ['delta missing', (r: Record<string, unknown>) => delete inside(r, 'target')['delta'], 'target.delta', /missing/],
    ['neither epsilon nor sigma', (r: Record<string, unknown>) => delete inside(r, 'target')['epsilon'], 'target.epsilon', /missing; give ε/],
    ['an unknown field', (r: Record<string, unknown>) => (r['epsilon'] = 1), 'epsilon', /unknown field "epsilon"/],
    ['an unknown field deep inside', (r: Record<string, unknown>) => (inside(r, 'method')['sigmaa'] = 1), 'method.sigmaa', /unknown field/],
    ['nothing to forget', (r: Record<string, unknown>) => (r['forget'] = {}), 'forget', /nothing to forget/],
    ['an empty list of rows', (r: Record<string, unknown>) => (inside(r, 'forget')['rows'] = []), 'forget.rows', /must not be empty/],
    ['a row that is not a number', (r: Record<string, unknown>) => (inside(r, 'forget')['rows'] = ['all']), 'forget.rows[0]', /first-last/],
    ['an unknown reference', (r: Record<string, unknown>) => (inside(r, 'target')['reference'] = 'original'), 'target.reference', /"retrained", "centre"/],
    ['a fractional step count', (r: Record<string, unknown>) => (inside(r, 'method')['steps'] = 1.5), 'method.steps', /whole number/],
    ['an unknown data format', (r: Record<string, unknown>) => (r['data'] = { train: { format: 'xls' } }), 'data.train.format', /known kinds/],
    // The certificate would say that nothing similar was found, where nothing was looked for.
    ['near duplicates of no kind', (r: Record<string, unknown>) => (r['nearDuplicates'] = { policy: 'keep' }), 'nearDuplicates.policy', /looks for nothing/],
    ['an end of what is constant', (r: Record<string, unknown>) => (inside(r, 'method')['sigmaShape'] = { kind: 'constant', final: 0.5 }), 'method.sigmaShape', /ends as it begins/],
    ['a later version', (r: Record<string, unknown>) => (r['version'] = 2), 'version', /must be 1/],
  ])('with %s is refused at the very field', (_name, change, field, message) => {
    const problems = problemsOf((request) => void change(request));
    expect(problems[0]?.field).toBe(field);
    expect(problems[0]?.message).toMatch(message);
  });

  it('puts each problem at its place in the text', () => {
    const text = JSON.stringify({ ...valid, target: { epsilon: -3, delta: 1e-5 } }, undefined, 2);
    const [problem] = parseRequest(text).problems;
    expect(text.slice(problem?.offset, (problem?.offset ?? 0) + (problem?.length ?? 0))).toBe('-3');
  });

  it('names the file and the line when it must be valid', () => {
    const text = JSON.stringify({ ...valid, seed: 'x' }, undefined, 2);
    expect(() => requireRequest(text, 'a.unlearn.json')).toThrow(expect.objectContaining({ code: 'request-field', file: 'a.unlearn.json', field: 'seed' }) as Error);
  });

  it('that names a member twice is refused at the second one, wherever it is', () => {
    const text = JSON.stringify(valid).replace('"epsilon":', '"epsilon":0.5,"epsilon":');
    expect(text).toContain('"epsilon":0.5');
    expect(parseRequest(text).problems).toEqual([{ code: 'request-field', field: 'target.epsilon', message: 'stands twice: people read one and programs the other', offset: text.lastIndexOf('"epsilon"'), length: 9 }]);
    expect(parseRequest(`${JSON.stringify(valid).slice(0, -1)},"target":{"epsilon":500,"delta":0.9}}`).problems[0]?.field).toBe('target');
    // The same name in two objects is none of it.
    expect(parseRequest(JSON.stringify(valid)).problems).toEqual([]);
  });

  it('with broken JSON is one problem at the place where it breaks', () => {
    expect(parseRequest('{"version": 1,').problems).toHaveLength(1);
    expect(parseRequest('').problems[0]?.code).toBe('request-syntax');
    expect(parseRequest('// hello\n{}').problems[0]?.code).toBe('request-syntax');
  });

  it('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.jsonValue().map((value) => JSON.stringify({ ...valid, forget: value }))), (text) => {
      const { request, problems } = parseRequest(text);
      expect(request === undefined).toBe(problems.length > 0);
    }));
  });
});

describe('the JSON schema for editors', () => {
  it('is the one that the source gives (else: node scripts/run.js scripts/make-request-schema.ts)', () => {
    expect(readFileSync('schemas/unlearn-request.schema.json', 'utf8')).toBe(requestJsonSchema());
  });

  it('describes every top-level field', () => {
    const { properties } = JSON.parse(requestJsonSchema()) as { properties: Record<string, { description?: string }> };
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(['model', 'data', 'forget', 'target', 'method', 'recovery']));
    expect(Object.entries(properties).filter(([name, { description }]) => name !== '$schema' && name !== 'data' && description === undefined)).toEqual([]);
  });
});
