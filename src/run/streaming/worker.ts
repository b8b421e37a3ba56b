import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { CryptographicNoise } from '../../engine/noise/cryptographic-noise';
import { crc32 } from '../../model/zip/crc32';
import { NumberKernel } from './number-kernel';
import { largestExtent, type Task, type TaskResult } from './task';

/**
 * Bytes that are written at once, up to a multiple of as many. For larger writes Linux looks for as large runs of memory in its page cache, which
 * where memory has been in use for a while takes it three times as long as the writing itself.
 */
const largestWrite = 64 * 1024;

/** Does tasks one after the other, each to its end before the next: it has a thread to itself. */
export class Worker {
  private readonly kernel = new NumberKernel(largestExtent);
  private readonly noise = new CryptographicNoise();

  /** @throws Error of the file system; RangeError where a file became shorter */
  do(task: Task): TaskResult {
    switch (task.kind) {
      case 'digest': return { digest: this.digest(task.path) };
      case 'sum': {
        let sum = 0;
        for (let start = task.start; start < task.end; start += largestExtent) {
          const end = Math.min(task.end, start + largestExtent);
          this.read(task.from, start, end);
          sum += this.kernel.sumOfSquares(task.type, end - start);
        }
        return { sum };
      }
      case 'perturb': {
        const length = task.end - task.start;
        if (task.scale === 0) this.kernel.bytes.fill(0, 0, length);
        else this.read(task.from, task.start, task.end);
        const fits = this.kernel.perturb(task.type, length, task.scale, task.sigma, this.noise);
        return { ...this.write(task), fits };
      }
      case 'copy': {
        this.read(task.from, task.start, task.end);
        return this.write(task);
      }
      case 'fill': {
        for (let at = 0; at < task.end - task.start; at += task.pattern.length) this.kernel.bytes.set(task.pattern, at);
        return this.write(task);
      }
    }
  }

  private digest(path: string): string {
    const hash = createHash('sha256');
    const file = openSync(path, 'r');
    try {
      for (let at = 0, read = -1; read !== 0; at += read) {
        read = readSync(file, this.kernel.bytes, 0, largestExtent, at);
        hash.update(this.kernel.bytes.subarray(0, read));
      }
    } finally {
      closeSync(file);
    }
    return hash.digest('hex');
  }

  private read(file: number, start: number, end: number): void {
    for (let at = start; at < end;) {
      const count = readSync(file, this.kernel.bytes, at - start, end - at, at);
      if (count === 0) throw new RangeError('the file became shorter while it was read');
      at += count;
    }
  }

  private write({ to, start, end, checked }: { readonly to: number; readonly start: number; readonly end: number; readonly checked: boolean }): TaskResult {
    const bytes = this.kernel.bytes.subarray(0, end - start);
    for (let done = 0; done < bytes.length;) {
      const room = largestWrite - ((start + done) % largestWrite);
      done += writeSync(to, bytes, done, Math.min(room, bytes.length - done), start + done);
    }
    return checked ? { checksum: crc32(bytes) } : {};
  }
}
