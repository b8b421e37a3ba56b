import { join } from 'node:path';
import type { Written } from '../protocol/engine-protocol';
import { GrowingDigest } from './streaming/growing-digest';

/** SHA-256 of the files of a staging folder as their reader finds them: of large ones while they are being written, of each only once. */
export class StagedDigests {
  private readonly folder: string;
  private readonly growing = new Map<string, GrowingDigest>();
  private readonly finished = new Map<string, Promise<string>>();

  constructor(folder: string) {
    this.folder = folder;
  }

  written({ staged, end }: Written): void {
    this.reader(staged).grow(end);
  }

  /**
   * In hex. The file must be complete.
   * @throws Error of the file system
   */
  of(staged: string): Promise<string> {
    const digest = this.finished.get(staged) ?? this.reader(staged).finish();
    this.finished.set(staged, digest);
    return digest;
  }

  private reader(staged: string): GrowingDigest {
    const reader = this.growing.get(staged) ?? new GrowingDigest(join(this.folder, staged));
    this.growing.set(staged, reader);
    return reader;
  }
}
