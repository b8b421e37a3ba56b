import { GrowingDigest } from './streaming/growing-digest';

/** SHA-256 of a file in hex, read in blocks. */
export async function fileDigest(path: string): Promise<string> {
  return new GrowingDigest(path).finish();
}
