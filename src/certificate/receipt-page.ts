import { Language } from '../language';
import type { Receipt } from './receipt';
import type { Statement } from './statement';

/** A verified receipt as one page in plain words, in Markdown, for the person whose records it is about. What was signed is the receipt itself; the page may be in any language. */
export function receiptPage(receipt: Receipt, { predicate }: Statement, signer: string, language = new Language('en')): string {
  const { records, request, issuedOn } = receipt.predicate;
  const { epsilon, delta } = predicate.guarantee;
  const one = records.length === 1;
  const number = (value: number | string): string => language.number(String(value));
  const [on, all, yours] = [day(predicate.finishedOn), number(predicate.data.forget.count), number(records.length)];
  const reference = request?.reference === undefined ? [] : [request.date === undefined ? language.t('Your request: {0}.', plain(request.reference)) : language.t('Your request: {0}, received on {1}.', plain(request.reference), request.date)];
  return `# ${language.t('Receipt: your data was forgotten by a machine-learning model')}

${[one ? language.t('On {0}, one record of yours was among the {1} that a model was made to forget.', on, all) : language.t('On {0}, {1} records of yours were among the {2} that a model was made to forget.', on, yours, all), ...reference].join(' ')}

## ${language.t('What that means')}

${language.t('A model learns from many people\'s records at once. It was changed with random noise and then trained on the remaining records only. The changed model is mathematically guaranteed to be almost the same as one that never saw your data: whatever anyone concludes from it, the odds are at most {0} times what they would be without your data, except with a probability of at most {1}. (For specialists: ε = {2}, δ = {1}.)', number(factor(epsilon)), number(delta), number(epsilon))}

## ${language.t('What it does not mean')}

${language.t('It says nothing about copies of your data elsewhere, about the earlier model where it is still kept, or about other models. What your data has in common with other people\'s is still learned from theirs.')}

## ${language.t('What this receipt proves')}

${language.t('The list of forgotten records was sealed when the certificate was signed; nobody can add to it or take from it afterwards.')} ${one ? language.t('This receipt shows that the seal covers your record, without showing anyone else\'s.') : language.t('This receipt shows that the seal covers each of your records, without showing anyone else\'s.')} ${language.t('It was issued on {0} and signed with the key {1}.', day(issuedOn), `\`${signer}\``)}

${language.t('Anyone you give it to can check it, together with the certificate {0}:', `\`${plain(receipt.subject[0].name)}\``)}

    certified-unlearning verify-receipt RECEIPT CERTIFICATE --key PUBLIC-KEY.pem

${language.t('The file holds fingerprints of your records. Show it only to those who may know that they exist.')}
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
