import { describe, expect, it } from 'vitest';
import type { Verification } from '../../../src/certificate/verify';
import { stateOf } from '../../../src/extension/models/model-state';

type Status = Verification['signature']['status'];

function verification(signature: Status, model: Status, accounting: Status, damaged?: string): Verification {
  const verdict = (status: Status): Verification['signature'] => ({ status, detail: '' });
  return {
    signature: verdict(signature), model: verdict(model), accounting: verdict(accounting),
    run: { status: 'asserted', detail: '' }, signer: undefined, files: [], statement: undefined, unverifiedStatement: undefined, damaged,
  };
}

describe('the state of a model', () => {
  it('is certified only if all three verdicts hold', () => expect(stateOf(verification('pass', 'pass', 'pass'))).toBe('certified'));
  it('is changed if only the digest does not match', () => expect(stateOf(verification('pass', 'fail', 'pass'))).toBe('changed'));
  it('is changed, not certified, if a file could not be read', () => expect(stateOf(verification('pass', 'unknown', 'pass'))).toBe('changed'));
  it('is invalid if the signature is wrong', () => expect(stateOf(verification('fail', 'unknown', 'unknown'))).toBe('invalid'));
  it('is invalid if the accounting does not recompute', () => expect(stateOf(verification('pass', 'pass', 'fail'))).toBe('invalid'));
  it('is invalid if the accounting was not checked', () => expect(stateOf(verification('pass', 'pass', 'unknown'))).toBe('invalid'));
  it('is unknown if the key is not trusted', () => expect(stateOf(verification('unknown', 'unknown', 'unknown'))).toBe('unknown'));
  it('is invalid if the file is damaged', () => expect(stateOf(verification('unknown', 'unknown', 'unknown', 'it is not valid JSON'))).toBe('invalid'));
});
