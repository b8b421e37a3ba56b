/** What the certificate's editor in the extension host and its page in a webview say to each other. */
import type { Statement } from '../certificate/statement';
import type { FileCheck } from '../certificate/verify';
import type { Verdict } from '../certificate/open-bundle';

/** A verified certificate. Whatever comes from the file is data to be shown, never markup. */
export interface CertificateMessage {
  readonly type: 'certificate';
  readonly name: string;
  readonly signature: Verdict;
  readonly model: Verdict;
  readonly accounting: Verdict;
  /** What nobody can check from a certificate: that the run happened as described. */
  readonly run: string;
  readonly signer: string | undefined;
  readonly ownKey: boolean;
  readonly files: readonly FileCheck[];
  /** What it says; `believed` only if its signature is valid. */
  readonly statement: Statement | undefined;
  readonly believed: boolean;
  /** Why nothing can be shown. */
  readonly damaged: string | undefined;
}

export interface VerifyingMessage {
  readonly type: 'verifying';
}

export type ToCertificatePage = CertificateMessage | VerifyingMessage;

export type FromCertificatePage =
  | { readonly type: 'ready' }
  | { readonly type: 'verify' }
  | { readonly type: 'show'; readonly what: 'text' }
  | { readonly type: 'copy'; readonly markdown: string };
