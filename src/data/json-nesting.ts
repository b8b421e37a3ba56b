import { UserError } from '../error';
import { bytesOfFile } from './byte-source';
import { readStart } from './source-file';
import type { SourceFile } from './source-file';

/** Lists and objects within one another: more than any record has, and a tenth of what DuckDB's stack has room for before it ends the process. */
const deepest = 1000;

const [quote, backslash, newline] = [0x22, 0x5c, 0x0a];
const [list, object, endOfList, endOfObject] = [0x5b, 0x7b, 0x5d, 0x7d];
const zstd = [0x28, 0xb5, 0x2f, 0xfd];

/** Follows lines of JSON that come in blocks. */
class Nesting {
  private depth = 0;
  private inText = false;
  private escaped = false;

  /** Whether any line goes deeper than it may. Lines that are too short for that are passed over, unless they go on in another block. */
  isTooDeep(block: Buffer): boolean {
    for (let start = 0; start < block.length;) {
      const end = block.indexOf(newline, start);
      const isWhole = end >= 0 && start > 0;
      if (!(isWhole && end - start < 2 * deepest) && this.follow(block.subarray(start, end < 0 ? block.length : end))) return true;
      if (end < 0) return false;
      this.depth = 0;
      this.inText = this.escaped = false;
      start = end + 1;
    }
    return false;
  }

  private follow(bytes: Buffer): boolean {
    for (const byte of bytes) {
      if (this.inText) {
        if (this.escaped) this.escaped = false;
        else if (byte === backslash) this.escaped = true;
        else if (byte === quote) this.inText = false;
      } else if (byte === quote) this.inText = true;
      else if (byte === list || byte === object) {
        this.depth += 1;
        if (this.depth > deepest) return true;
      } else if (byte === endOfList || byte === endOfObject) this.depth -= 1;
    }
    return false;
  }
}

/**
 * Refuses JSON Lines that would end the process that reads them. Those compressed with Zstandard are not looked at: only DuckDB can unpack them
 * piece by piece.
 * @throws UserError `table-nesting`, and as reading the file does.
 */
export async function refuseDeepNesting(file: SourceFile): Promise<void> {
  const start = await readStart(file, zstd.length);
  if (zstd.every((byte, index) => start[index] === byte)) return;
  const nesting = new Nesting();
  for await (const block of (await bytesOfFile(file)).blocks()) {
    if (nesting.isTooDeep(Buffer.from(block.buffer, block.byteOffset, block.length))) {
      throw new UserError('table-nesting', `has a line of lists and objects more than ${deepest} levels deep.`, { file: file.file, field: file.field, remedy: 'Write them as columns of their own, or leave them out.' });
    }
  }
}
