import { create } from 'fontkit';
import PDFDocument from 'pdfkit';

/** TrueType fonts; what they have no glyph for is written as its code point. */
export interface Fonts {
  readonly regular: Uint8Array;
  readonly bold: Uint8Array;
}

/** Draws a figure with its upper left corner and width in points. */
export type Drawing = (page: PDFKit.PDFDocument, left: number, top: number, width: number) => void;

const margin = 42;
const size = 9;
const ink = '#1a1a1a';
const grey = '#555555';
const rule = '#bbbbbb';

/**
 * A document on A4 that is written from top to bottom, with the structure that screen readers go by: headings, paragraphs, lists, tables and figures.
 * Text is drawn and never interpreted: nothing in it can become a link, a script or a form.
 */
export class Paper {
  readonly #page: PDFKit.PDFDocument;
  readonly #title: string;
  readonly #has: (codePoint: number) => boolean;

  /** @param language BCP 47, for whoever has it read out */
  constructor(title: string, { regular, bold }: Fonts, language: string) {
    const font = create(Buffer.from(regular));
    this.#title = title;
    this.#has = (codePoint) => font.hasGlyphForCodePoint(codePoint);
    this.#page = new PDFDocument({
      size: 'A4', margins: { top: margin, bottom: margin + 14, left: margin, right: margin }, pdfVersion: '1.7', tagged: true, lang: language, displayTitle: true, bufferPages: true,
      info: { Title: this.#safe(title), Creator: 'Certified Unlearning', Producer: 'Certified Unlearning' },
      font: '', // none of those that are built into readers: they lack Greek letters
    });
    this.#page.registerFont('regular', Buffer.from(regular)).registerFont('bold', Buffer.from(bold));
    this.#page.font('regular').fontSize(size).fillColor(ink);
  }

  title(text: string): void {
    this.#marked('H1', () => this.#page.font('bold').fontSize(18).text(this.#safe(text)).font('regular').fontSize(size).moveDown(0.3));
  }

  /** On one page with at least this much of what follows, in points. */
  heading(text: string, following = 80): void {
    this.#keepTogether(following + 24);
    this.#page.moveDown(0.6);
    this.#marked('H2', () => this.#page.font('bold').fontSize(11.5).text(this.#safe(text)).font('regular').fontSize(size).moveDown(0.2));
  }

  paragraph(text: string, { bold = false, muted = false } = {}): void {
    this.#marked('P', () => this.#page.font(bold ? 'bold' : 'regular').fillColor(muted ? grey : ink).text(this.#safe(text)).font('regular').fillColor(ink).moveDown(0.3));
  }

  list(items: readonly string[]): void {
    const list = this.#page.struct('L');
    this.#page.addStructure(list);
    for (const item of items) {
      const body = this.#page.struct('LBody', {}, () => {
        const top = this.#page.y;
        this.#page.text('•', margin, top, { lineBreak: false }).text(this.#safe(item), margin + 12, top, { width: this.#width - 12 });
        this.#page.x = margin;
        this.#page.moveDown(0.15);
      });
      list.add(this.#page.struct('LI', {}, [body]));
    }
    list.end();
    this.#page.moveDown(0.2);
  }

  /** `shares` are the columns' parts of the width. */
  table(caption: string, headers: readonly string[], rows: readonly (readonly string[])[], shares: readonly number[]): void {
    if (rows.length === 0) return;
    this.#keepTogether(50);
    this.paragraph(caption, { muted: true });
    const total = shares.reduce((sum, share) => sum + share, 0);
    const holder = this.#page.struct('Sect');
    this.#page.addStructure(holder);
    const options = {
      structParent: holder,
      columnStyles: shares.map((share) => (this.#width * share) / total),
      defaultStyle: { border: { top: 0, left: 0, right: 0, bottom: 0.5 }, borderColor: { bottom: rule }, padding: { top: 2, bottom: 2, left: 0, right: 6 } },
      data: [
        headers.map((text) => ({ text: this.#safe(text), type: 'TH' as const, font: { src: 'bold', size: 8 } })),
        ...rows.map((row) => row.map((text) => ({ text: this.#safe(shortened(text)), font: { src: 'regular', size: 8 } }))),
      ],
    };
    this.#page.table(options);
    holder.end();
    this.#page.font('regular').fontSize(size).moveDown(0.6);
    this.#page.x = margin;
  }

  /** A drawing of the given height, with the sentence that stands for it where it cannot be seen. */
  figure(alternative: string, height: number, draw: Drawing): void {
    this.#keepTogether(height + 10);
    const top = this.#page.y;
    this.#page.addStructure(this.#page.struct('Figure', { alt: this.#safe(alternative) }, () => {
      this.#page.save();
      draw(this.#page, margin, top, this.#width);
      this.#page.restore();
    }));
    this.#page.x = margin;
    this.#page.y = top + height + 8;
    this.#page.font('regular').fontSize(size).fillColor(ink);
  }

  /** The file. */
  async finish(): Promise<Uint8Array> {
    const { start, count } = this.#page.bufferedPageRange();
    for (let index = 0; index < count; index++) {
      this.#page.switchToPage(start + index);
      const { height, margins } = this.#page.page;
      margins.bottom = 0; // the line stands in the margin, where text would otherwise begin a page of its own
      this.#page.markContent('Artifact', { type: 'Pagination' });
      this.#page.fontSize(8).fillColor(grey).text(`${this.#safe(this.#title)} · ${index + 1} / ${count}`, margin, height - margin + 6, { lineBreak: false });
      this.#page.endMarkedContent();
    }
    const chunks: Buffer[] = [];
    this.#page.on('data', (chunk: Buffer) => chunks.push(chunk));
    const ended = new Promise<void>((resolve, reject) => this.#page.once('end', resolve).once('error', reject));
    this.#page.end();
    await ended;
    return Buffer.concat(chunks);
  }

  get #width(): number {
    return this.#page.page.width - 2 * margin;
  }

  #marked(tag: string, write: () => void): void {
    this.#page.addStructure(this.#page.struct(tag, {}, write));
  }

  /** Begins a page where there is less room than this. */
  #keepTogether(height: number): void {
    const { height: whole, margins } = this.#page.page;
    if (this.#page.y + height > whole - margins.bottom) this.#page.addPage();
  }

  /** What the font cannot show, and what would move the text about, is named by its code point. */
  #safe(text: string): string {
    return Array.from(text, (character) => {
      const codePoint = character.codePointAt(0) ?? 0;
      const moves = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.test(character);
      return moves || !this.#has(codePoint) ? `[U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}]` : character;
    }).join('');
  }
}

const longestCell = 400;

/** A cell stays on one page. */
function shortened(text: string): string {
  return text.length <= longestCell ? text : `${text.slice(0, longestCell)} …`;
}
