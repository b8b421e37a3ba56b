import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';

const blockBytes = 1024 * 1024;

/** SHA-256 of a file that others are still writing, from its beginning as far as it is complete. */
export class GrowingDigest {
  private readonly path: string;
  private readonly hash = createHash('sha256');
  private readonly blocks = [new Uint8Array(blockBytes), new Uint8Array(blockBytes)] as const;
  private complete = 0;
  private work: Promise<void> = Promise.resolve();
  private file: FileHandle | undefined;
  private at = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** The first `end` bytes are as they will stay. */
  grow(end: number): void {
    if (end <= this.complete) return;
    this.complete = end;
    this.work = this.work.then(() => this.read());
    // Heard by `finish`.
    this.work.catch(() => undefined);
  }

  /**
   * The digest in hex of the whole file, which nobody writes to any more.
   * @throws Error of the file system; RangeError where the file is not as long as what was said to be complete
   */
  async finish(): Promise<string> {
    try {
      await this.work;
      this.file ??= await open(this.path, 'r');
      const { size } = await this.file.stat();
      this.complete = Math.max(this.complete, size);
      await this.read();
      return this.hash.digest('hex');
    } finally {
      await this.file?.close();
    }
  }

  /** While one block is hashed, the next is read. */
  private async read(): Promise<void> {
    this.file ??= await open(this.path, 'r');
    let turn = 0;
    let next = this.block(this.file, turn);
    for (;;) {
      const bytes = await next;
      if (bytes.length === 0) return;
      this.at += bytes.length;
      turn = 1 - turn;
      next = this.block(this.file, turn);
      this.hash.update(bytes);
    }
  }

  private async block(file: FileHandle, turn: number): Promise<Uint8Array> {
    const wanted = Math.min(blockBytes, this.complete - this.at);
    if (wanted <= 0) return new Uint8Array(0);
    const { bytesRead, buffer } = await file.read(this.blocks[turn === 0 ? 0 : 1], 0, wanted, this.at);
    if (bytesRead === 0) throw new RangeError(`${this.path} is shorter than it was said to be`);
    return buffer.subarray(0, bytesRead);
  }
}
