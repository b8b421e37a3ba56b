import type { Receipt } from './receipt';
import type { Statement } from './statement';

/** A verified receipt as one page in plain words, in Markdown, for the person whose records it is about. */
export function receiptPage(receipt: Receipt, { predicate }: Statement, signer: string): string {
  const { records, request, issuedOn } = receipt.predicate;
  const { epsilon, delta } = predicate.guarantee;
  const yours = records.length === 1 ? 'one record' : `${records.length} records`;
  return `# Receipt: your data was forgotten by a machine-learning model

On ${day(predicate.finishedOn)}, ${yours} of yours ${records.length === 1 ? 'was' : 'were'} among the ${predicate.data.forget.count} that a model was made to forget.${request?.reference === undefined ? '' : ` Your request: ${plain(request.reference)}${request.date === undefined ? '' : `, received on ${request.date}`}.`}

## What that means

A model learns from many people's records at once. It was changed with random noise and then trained on the remaining records only. The changed model is mathematically guaranteed to be almost the same as one that never saw your data: whatever anyone concludes from it, the odds are at most ${factor(epsilon)} times what they would be without your data, except with a probability of at most ${delta}. (For specialists: ε = ${epsilon}, δ = ${delta}.)

## What it does not mean

It says nothing about copies of your data elsewhere, about the earlier model where it is still kept, or about other models. What your data has in common with other people's is still learned from theirs.

## What this receipt proves

The list of forgotten records was sealed when the certificate was signed; nobody can add to it or take from it afterwards. This receipt shows that the seal covers ${records.length === 1 ? 'your record' : 'each of your records'}, without showing anyone else's. It was issued on ${day(issuedOn)} and signed with the key \`${signer}\`.

Anyone you give it to can check it, together with the certificate \`${plain(receipt.subject[0].name)}\`:

    certified-unlearning verify-receipt RECEIPT CERTIFICATE --key PUBLIC-KEY.pem

The file holds fingerprints of your records. Show it only to those who may know that they exist.
`;
}

function day(isoTime: string): string {
  return isoTime.slice(0, 10);
}

/** e^ε as people say it: never less than it is. */
function factor(epsilon: number): string {
  const value = Math.exp(epsilon);
  return value < 1000 ? (Math.ceil(value * 100) / 100).toString() : value.toExponential(1);
}

/** Text from a certificate cannot become Markdown or HTML. */
function plain(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>()#+!|~-]/g, (mark) => `\\${mark}`);
}
