import type { Lineage, LineageCertificate, LineageRequest } from '../../src/protocol/certificate-messages';
import { block } from '../block';
import { element, table } from '../dom';
import { plural, spoken, t } from '../l10n';
import { format } from '../numbers';
import { wide } from '../wide';

/** The certificates that are about the same model, and what they guarantee together for the records of each request. */
export function lineageSection(lineage: Lineage | undefined, open: (path: string) => void): HTMLElement {
  if (lineage === undefined) return block(t('Lineage'), element('p', { class: 'muted' }, t('Not traced, since the certificate is not signed with a trusted key, or is not on a disk of this machine.')));
  const { certificates, requests, delta, reference } = lineage;
  const names = certificates.map((_certificate, index) => t('No. {0}', index + 1));
  return block(t('Lineage'),
    element('ol', { class: 'lineage' }, ...certificates.map((certificate) => entry(certificate, names, open))),
    certificates.length === 1 ? element('p', { class: 'muted' }, t('No other certificate of this workspace is known to be about the same model.')) : undefined,
    wide(t('What holds for the records of each request'), table(reference === 'retrained' ? t('What holds for the records of each request, against a model that never saw them, at δ = {0}', format(delta)) : t('What holds for the records of each request, against the same noise without any training data, at δ = {0}', format(delta)),
      [t('Records of'), t('Who sees the latest model'), t('Who sees all models since'), t('Rests on')],
      requests.map((request, index) => [names[index] ?? '', bound(request.latest, request), bound(request.together, request), because(request, names)]))),
    element('p', { class: 'muted' }, t('Models released before a request, and the original, are covered for its records by nothing: they were made while these records were in use.')));
}

function entry({ path, name, finishedOn, epsilon, delta, forgotten, current, origin, successors }: LineageCertificate, names: readonly string[], open: (path: string) => void): HTMLElement {
  const link = element('button', { class: 'link', type: 'button' }, name);
  link.addEventListener('click', () => open(path));
  return element('li', { 'aria-current': current ? 'true' : undefined },
    current ? element('strong', {}, t('{0} (this one)', name)) : link,
    element('p', {}, t('{0}, ε = {1} at δ = {2}, finished on {3}', plural(forgotten, '{0} record forgotten', '{0} records forgotten'), format(epsilon), format(delta), new Date(finishedOn).toLocaleDateString(spoken()))),
    element('p', { class: 'muted' }, startOf(origin, names)),
    ...successors.map((successor) => element('p', { class: 'muted' }, t('Trained further, on retained records alone by the word of the signer: {0} ({1}). The guarantee holds for it too.', successor.name, successor.training))));
}

function startOf(origin: LineageCertificate['origin'], names: readonly string[]): string {
  switch (origin.kind) {
    case 'original': return t('Started from the original {0}.', origin.name);
    case 'certificate': return t('Started from the model of {0}.', names[origin.certificate] ?? '');
    case 'successor': return t('Started from {0}, which was trained further from the model of {1}.', origin.name, names[origin.certificate] ?? '');
    case 'unknown': return origin.why === 'sealed'
      ? t('What it started from is sealed: it can be told with the private files of its run alone, which are not here. It is counted as started from the original.')
      : t('It started from a model that is not here. It is counted as started from the original.');
  }
}

function bound(epsilon: number, { usedAgainBy }: LineageRequest): string {
  return usedAgainBy.length > 0 ? t('nothing') : `ε = ${format(epsilon)}`;
}

function because({ paid, usedAgainBy, notCompared }: LineageRequest, names: readonly string[]): string {
  const list = (places: readonly number[]): string => places.map((place) => names[place] ?? '').join(', ');
  if (usedAgainBy.length > 0) return t('These records were used again by {0}.', list(usedAgainBy));
  return [
    paid.length === 1 ? t('the noise of {0}', list(paid)) : t('the noise of {0}, which adds up', list(paid)),
    ...(notCompared.length === 0 ? [] : [t('provided that {0} left these records out, which cannot be seen here', list(notCompared))]),
  ].join('; ');
}
