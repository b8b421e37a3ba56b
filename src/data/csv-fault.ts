import { readStart } from './source-file';
import type { SourceFile } from './source-file';

/** DuckDB says no line only where it has looked at the beginning alone, which is shorter. */
const searched = 1 << 24;

const endings: Readonly<Record<string, string>> = { '\n': 'LF', '\r': 'CR', '\r\n': 'CRLF' };

/** The first thing in a text that RFC 4180 does not allow, one character a byte. */
function faultOf(text: string, delimiter: string, isWhole: boolean): string | undefined {
  let line = 1;
  let at = 0;
  let header: number | undefined;
  let ending: string | undefined;
  while (at < text.length) {
    const first = line;
    const start = at;
    let fields = 1;
    for (;;) {
      if (text[at] === '"') {
        const opened = line;
        for (at++; at < text.length && (text[at] !== '"' || text[at + 1] === '"'); at += text[at] === '"' ? 2 : 1) if (text[at] === '\n') line++;
        if (at >= text.length) return isWhole ? `the quote that begins in line ${opened} is never closed` : undefined;
        at++;
        if (at < text.length && !text.startsWith(delimiter, at) && text[at] !== '\n' && text[at] !== '\r') return `line ${line} goes on behind a closing quote`;
      }
      while (at < text.length && text[at] !== '\n' && text[at] !== '\r' && !text.startsWith(delimiter, at)) at++;
      if (!text.startsWith(delimiter, at)) break;
      fields++;
      at += delimiter.length;
    }
    if (at >= text.length && !isWhole) return undefined;
    header ??= fields;
    if (fields !== header && at > start) return `line ${first} has ${fields} ${fields === 1 ? 'field' : 'fields'}, the header has ${header}`;
    const found = text.startsWith('\r\n', at) ? '\r\n' : text.slice(at, at + 1);
    if (found !== '' && found !== (ending ??= found)) return `line ${first} ends in ${endings[found] ?? ''}, those before it in ${endings[ending] ?? ''}`;
    at += found.length;
    line++;
  }
  return undefined;
}

/**
 * What is wrong with a CSV file that DuckDB refuses without saying where; undefined where the beginning of the file does not tell.
 * @returns half a sentence: `line 3 has 1 field, the header has 2`
 */
export async function findCsvFault(file: SourceFile, delimiter: string): Promise<string | undefined> {
  const bytes = Buffer.from(await readStart(file, Math.min(searched, file.size)));
  const compressed = (bytes[0] === 0x1f && bytes[1] === 0x8b) || (bytes[0] === 0x28 && bytes[1] === 0xb5);
  return compressed ? undefined : faultOf(bytes.toString('latin1'), Buffer.from(delimiter).toString('latin1'), bytes.length === file.size);
}
