import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { commitTo, commitToFiles, newSalt, opens } from '../../../src/certificate/salted-commitment';
import { digest, hexDigest } from './example';

const content = new TextEncoder().encode('the request');

describe('a salted commitment', () => {
  it('is the SHA-256 of salt and content, and opens with both and with nothing else', () => {
    const salt = digest('salt');
    const commitment = commitTo(content, salt);
    expect(commitment).toEqual({ algorithm: 'sha256-salted', digest: createHash('sha256').update(Buffer.concat([salt, content])).digest('hex') });
    expect(opens(commitment, content, salt)).toBe(true);
    expect(opens(commitment, content, digest('another salt'))).toBe(false);
    expect(opens(commitment, content.slice(1), salt)).toBe(false);
    expect(opens(commitment, content, salt.slice(1))).toBe(false);
  });

  it('differs each time, since every salt is new and of 32 bytes', () => {
    expect(newSalt()).toHaveLength(32);
    expect(commitTo(content, newSalt())).not.toEqual(commitTo(content, newSalt()));
    expect(() => commitTo(content, new Uint8Array(16))).toThrow(RangeError);
  });

  it('to files does not depend on their order, and is to canonical JSON of names and digests', () => {
    const a = { name: 'a.bin', sha256: hexDigest('a') };
    const b = { name: 'b.bin', sha256: hexDigest('b') };
    const salt = digest('salt');
    expect(commitToFiles([b, a], salt)).toEqual(commitToFiles([a, b], salt));
    expect(commitToFiles([a], salt)).toEqual(commitTo(new TextEncoder().encode(`[{"name":"a.bin","sha256":"${a.sha256}"}]`), salt));
    expect(commitToFiles([a], salt)).not.toEqual(commitToFiles([b], salt));
  });
});
