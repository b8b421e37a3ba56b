import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeCertificate } from '../certificate/describe';
import { certificatePdf } from '../certificate/pdf/certificate-pdf';
import type { PrintedSchedule } from '../certificate/pdf/schedule-figure';
import type { Verification } from '../certificate/verify';
import type { Language } from '../language';
import { privacySpent } from '../plan/privacy-spent';

/** A verified certificate as a PDF, in English unless another language is given. The fonts lie beside the program. */
export async function printCertificate(name: string, verification: Verification, language?: Language): Promise<Uint8Array> {
  const fonts = join(__dirname, 'fonts');
  const [regular, bold] = await Promise.all(['DejaVuSansCondensed.ttf', 'DejaVuSansCondensed-Bold.ttf'].map((file) => readFile(join(fonts, file))));
  if (regular === undefined || bold === undefined) throw new Error('there are two fonts');
  return certificatePdf({ name, description: describeCertificate(verification), signer: verification.signer, schedule: scheduleOf(verification), verifiedOn: new Date(), language }, { regular, bold });
}

/** Only a schedule whose accounting has been recomputed is drawn: anything else could be made to look like what it is not. */
function scheduleOf({ accounting, statement }: Verification): PrintedSchedule | undefined {
  if (accounting.status !== 'pass' || statement === undefined) return undefined;
  const { guarantee: { epsilon, delta, reference }, mechanism } = statement.predicate;
  return { points: privacySpent(mechanism, reference, delta), target: { epsilon, delta } };
}
