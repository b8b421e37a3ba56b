import type { ByteRange, CheckpointFile, FloatRegion } from './checkpoint';

/** What writing a checkpoint anew does with a run of bytes. */
export interface Piece extends ByteRange {
  readonly treatment: FloatRegion | 'zero' | 'keep' | 'checksum';
  /** Index in the file's `checked` of the part that holds these bytes, or, of a checksum, of the part that it is about. */
  readonly part: number | undefined;
}

/**
 * The whole file as consecutive pieces, each inside or outside of one checked part, and of at most `largest` bytes.
 * @throws RangeError where two parts of the file lay claim to the same bytes
 */
export function piecesOf(file: CheckpointFile, largest: number): readonly Piece[] {
  const claimed: Omit<Piece, 'part'>[] = [
    ...file.regions.map((region) => ({ start: region.start, end: region.end, treatment: region })),
    ...file.erased.map(({ start, end }) => ({ start, end, treatment: 'zero' as const })),
  ];
  const about = new Map<number, number>();
  for (const [part, { checksums }] of file.checked.entries()) {
    for (const start of checksums) {
      about.set(start, part);
      claimed.push({ start, end: start + 4, treatment: 'checksum' });
    }
  }
  claimed.sort((one, other) => one.start - other.start || one.end - other.end);
  const covering: Omit<Piece, 'part'>[] = [];
  let at = 0;
  for (const piece of claimed) {
    if (piece.start < at) throw new RangeError(`bytes ${piece.start} to ${at} have two owners`);
    if (piece.start > at) covering.push({ start: at, end: piece.start, treatment: 'keep' });
    if (piece.end > piece.start) covering.push(piece);
    at = piece.end;
  }
  if (at < file.size) covering.push({ start: at, end: file.size, treatment: 'keep' });

  const parts = [...file.checked.entries()].map(([index, { start, end }]) => ({ index, start, end })).sort((one, other) => one.start - other.start);
  const pieces: Piece[] = [];
  let next = 0;
  for (const { start, end, treatment } of covering) {
    for (let from = start; from < end;) {
      while ((parts[next]?.end ?? Infinity) <= from) next += 1;
      const part = parts[next];
      const inside = part !== undefined && part.start <= from;
      const border = (inside ? part.end : part?.start) ?? end;
      const to = Math.min(end, from + largest, border);
      pieces.push({ start: from, end: to, treatment, part: treatment === 'checksum' ? about.get(start) : inside ? part.index : undefined });
      from = to;
    }
  }
  return pieces;
}
