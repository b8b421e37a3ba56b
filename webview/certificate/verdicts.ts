import type { Description } from '../../src/protocol/certificate-messages';
import { element } from '../dom';

type Status = Description['verdicts'][number]['status'];

const marks: Readonly<Record<Status, readonly [sign: string, word: string]>> = {
  pass: ['✔', 'holds'],
  fail: ['✘', 'fails'],
  unknown: ['?', 'not checked'],
  asserted: ['✎', 'asserted by the signer'],
};

const outcomes: Readonly<Record<Description['outcome'], string>> = { verified: 'Verified', refuted: 'Does not hold', open: 'Not fully checked' };

/** The verdicts, which say different things and are never mixed into one. */
export function verdictSection({ outcome, summary, verdicts }: Description, signer: string | undefined): HTMLElement {
  return element('section', { 'aria-label': 'Verdicts', class: 'verdicts' },
    element('p', { class: `outcome ${outcome}`, role: 'status' }, element('strong', {}, outcomes[outcome]), ` — ${summary}`),
    element('ul', { class: 'verdict-list' }, ...verdicts.map(({ name, status, detail }) => {
      const [sign, word] = marks[status];
      return element('li', { class: `verdict ${status}`, 'data-verdict': name },
        element('span', { class: 'mark', 'aria-hidden': 'true' }, sign),
        element('div', {},
          element('strong', {}, name), element('span', { class: 'word' }, `: ${word}`),
          element('p', { class: 'muted' }, detail)));
    })),
    signer === undefined ? undefined : element('p', { class: 'muted' }, `Key fingerprint: SHA-256 ${signer}`));
}
