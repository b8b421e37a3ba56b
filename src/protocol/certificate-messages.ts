/** What the certificate's editor in the extension host and its page in a webview say to each other. */
import type { Content, Description } from '../certificate/describe';
import type { Mechanism, Reference } from '../privacy/mechanism';

export type { Content, Description };

/** A verified certificate. Whatever comes from the file is data to be shown, never markup. */
export interface CertificateMessage {
  readonly type: 'certificate';
  readonly name: string;
  readonly description: Description;
  /** Fingerprint of the signing key; with an unknown signature only what the file says. */
  readonly signer: string | undefined;
  /** From which the page draws the schedule again; absent if the accounting does not hold, or nothing can be read. */
  readonly schedule: CertifiedRun | undefined;
}

export interface CertifiedRun {
  readonly mechanism: Mechanism;
  readonly reference: Reference;
  readonly target: { readonly epsilon: number; readonly delta: number };
}

/** The file could not even be read. */
export interface UnreadableMessage {
  readonly type: 'unreadable';
  readonly name: string;
  readonly reason: string;
}

export type ToCertificatePage = CertificateMessage | UnreadableMessage;

export type FromCertificatePage =
  | { readonly type: 'ready' }
  | { readonly type: 'verify' }
  | { readonly type: 'copy' }
  | { readonly type: 'show'; readonly what: 'text' };
