import { describe, expect, it } from 'vitest';
import { edited } from '../../../src/extension/request-editor/edit-text';

const formatting = { insertSpaces: true, tabSize: 2, eol: '\n' };
const request = `{
  "version": 1,
  "target": { "epsilon": 1,   "delta": 1e-5 },
  "forget": { "ids": { "column": "person" } }
}
`;

describe('edits of a request', () => {
  it('change the value and nothing else, odd spacing included', () => {
    expect(edited(request, [{ path: ['target', 'epsilon'], value: 2 }], formatting)).toBe(request.replace('"epsilon": 1,', '"epsilon": 2,'));
  });

  it('make the objects on the way to a new field', () => {
    expect(JSON.parse(edited(request, [{ path: ['recovery', 'epochs'], value: 3 }], formatting))).toMatchObject({ recovery: { epochs: 3 } });
  });

  it('remove a field, and the object that it leaves empty', () => {
    expect(JSON.parse(edited(request, [{ path: ['forget', 'ids', 'column'], value: undefined }], formatting))).toMatchObject({ forget: {} });
  });

  it('are made one after the other', () => {
    const text = edited(request, [{ path: ['target', 'delta'], value: undefined }, { path: ['target', 'delta'], value: 1e-6 }], formatting);
    expect(JSON.parse(text)).toMatchObject({ target: { epsilon: 1, delta: 1e-6 } });
  });

  it('leave everything as it is when a field that is not there is removed', () => {
    expect(edited(request, [{ path: ['method', 'sigma'], value: undefined }], formatting)).toBe(request);
  });
});
