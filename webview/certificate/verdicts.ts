import type { Description } from '../../src/protocol/certificate-messages';
import { element } from '../dom';
import { t, told } from '../l10n';

type Status = Description['verdicts'][number]['status'];

function markOf(status: Status): readonly [sign: string, word: string] {
  switch (status) {
    case 'pass': return ['✔', t('holds')];
    case 'fail': return ['✘', t('fails')];
    case 'unknown': return ['?', t('not checked')];
    case 'asserted': return ['✎', t('asserted by the signer')];
  }
}

function wordOf(outcome: Description['outcome']): string {
  return { verified: t('Verified'), refuted: t('Does not hold'), open: t('Not fully checked') }[outcome];
}

/** The verdicts, which say different things and are never mixed into one. */
export function verdictSection({ outcome, summary, verdicts }: Description, signer: string | undefined): HTMLElement {
  return element('section', { 'aria-label': t('Verdicts'), class: 'verdicts' },
    element('p', { class: `outcome ${outcome}`, role: 'status' }, element('strong', {}, wordOf(outcome)), ` — ${told(summary)}`),
    element('ul', { class: 'verdict-list' }, ...verdicts.map(({ name, status, detail }) => {
      const [sign, word] = markOf(status);
      return element('li', { class: `verdict ${status}`, 'data-verdict': name },
        element('span', { class: 'mark', 'aria-hidden': 'true' }, sign),
        element('div', {},
          element('strong', {}, told(name)), element('span', { class: 'word' }, `: ${word}`),
          element('p', { class: 'muted' }, told(detail))));
    })),
    signer === undefined ? undefined : element('p', { class: 'muted' }, t('Key fingerprint: SHA-256 {0}', signer)));
}
