import { ZSTDDecoder } from 'zstddec';

const decoder = new ZSTDDecoder();
const magic = 0xfd2fb528;
/** Bytes that a block can hold at most. */
const largestBlock = 1 << 17;
/** Bytes that one frame may hold here: what the decoder's memory has room for on any machine. */
const largestFrame = 1 << 30;

/** What a frame takes and what it holds. */
interface Frame {
  readonly bytes: Uint8Array;
  /** Bytes decompressed, where the frame says so. */
  readonly content: number | undefined;
  /** At most so many, from its blocks. */
  readonly most: number;
}

/** Has to be awaited once before frames are decoded. */
export function prepareZstd(): Promise<void> {
  return decoder.init();
}

/**
 * Decompresses one frame of Zstandard (RFC 8878). The decoder asks for as much memory as a frame claims to hold; here a claim beyond what its
 * blocks can hold is refused first.
 * @throws RangeError for bytes that are no frame, a damaged or cut-off one, or one that holds more than a gibibyte.
 */
export function decodeZstdFrame(bytes: Uint8Array): Uint8Array {
  const { bytes: frame, content, most } = frameIn(bytes);
  const capacity = content ?? most;
  if (capacity > most) throw new RangeError('Zstandard: a frame that claims more than its blocks can hold.');
  if (capacity > largestFrame) throw new RangeError('Zstandard: a frame of more than a gibibyte.');
  if (capacity === 0) return new Uint8Array(0);
  // Empty where the decoder found the frame damaged.
  const decoded = decoder.decode(frame, capacity);
  if (content === undefined ? decoded.length === 0 : decoded.length !== content) throw new RangeError('Zstandard: a damaged frame.');
  return decoded;
}

/** Follows a frame's header and those of its blocks to its end; what comes behind it is left. Reading beyond the bytes throws a RangeError. */
function frameIn(bytes: Uint8Array): Frame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== magic) throw new RangeError('Zstandard: no frame.');
  const descriptor = view.getUint8(4);
  const single = (descriptor >> 5) & 1;
  const contentBytes = [single, 2, 4, 8][descriptor >> 6] ?? 0;
  let at = 5 + (single === 1 ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  const content = contentSize(view, at, contentBytes);
  at += contentBytes;
  let most = 0;
  for (let last = false; !last;) {
    const header = view.getUint16(at, true) + 65536 * view.getUint8(at + 2);
    const [kind, size] = [(header >> 1) & 3, header >> 3];
    last = (header & 1) === 1;
    // Bytes as they are, one byte repeated, or compressed.
    at += 3 + (kind === 1 ? 1 : size);
    most += kind === 2 ? largestBlock : size;
  }
  at += (descriptor >> 2) & 1 ? 4 : 0;
  if (at > bytes.length) throw new RangeError('Zstandard: cut off.');
  return { bytes: bytes.subarray(0, at), content, most };
}

function contentSize(view: DataView, at: number, bytes: number): number | undefined {
  switch (bytes) {
    case 0: return undefined;
    case 1: return view.getUint8(at);
    case 2: return view.getUint16(at, true) + 256;
    case 4: return view.getUint32(at, true);
    default: return Number(view.getBigUint64(at, true));
  }
}
