import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createStatement } from '../../../src/certificate/create-statement';
import { createReceipt, verifyReceipt, type ReceiptInput } from '../../../src/certificate/receipt';
import { receiptPage } from '../../../src/certificate/receipt-page';
import { Language } from '../../../src/language';
import { exampleInput, forgottenLeaves, forgottenRecords, keys, signed, signer } from './example';
import { inclusionProof } from './merkle-tree';

const statement = createStatement(exampleInput());
const certificate = await signed(statement);

async function pageFor(places: readonly number[], language?: Language): Promise<string> {
  const records: ReceiptInput['records'] = places.flatMap((place) => {
    const record = forgottenRecords[place];
    return record === undefined ? [] : [{ ...record, ...inclusionProof(forgottenLeaves, place) }];
  });
  const bytes = await createReceipt({ certificate, certificateName: 'mnist.unlearning-certificate.json', trustedKeys: [keys.publicKey], records, request: { reference: 'ticket *17*', date: '2025-11-23' }, issuedOn: new Date('2025-11-24T09:00:00Z') }, signer);
  const { receipt } = verifyReceipt(bytes, certificate, [keys.publicKey]);
  if (receipt === undefined) throw new Error('the receipt verifies');
  return receiptPage(receipt, statement, signer.fingerprint, language);
}

describe('the page of a receipt', () => {
  it('tells one person what was forgotten and what that means', async () => {
    const page = await pageFor([3]);
    expect(page).toContain('one record of yours was among the 7 that a model was made to forget. Your request: ticket \\*17\\*, received on 2025-11-23.');
    // e¹ = 2.71828…, rounded up
    expect(page).toContain('the odds are at most 2.72 times');
  });

  it('tells it in German too, with German numbers and the same marks escaped', async () => {
    const german = new Language('de', JSON.parse(readFileSync('l10n/bundle.l10n.de.json', 'utf8')) as Record<string, string>);
    const page = await pageFor([0, 3], german);
    expect(page).toContain('waren 2 Datensätze von Ihnen unter den 7, die ein Modell vergessen musste. Ihre Anfrage: ticket \\*17\\*, eingegangen am 2025-11-23.');
    expect(page).toContain('höchstens 2,72-mal so gut');
    // But for the command, which is the same in every language.
    expect(page.replace(/^ {4}.*$/m, '').match(/\b(the|were|which|records|your|receipt)\b/gi)).toBeNull();
  });
});
