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
  /** Whether the private report of its run is at hand. */
  readonly report: boolean;
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

/** Follows the certificate, once it has been traced. */
export interface LineageMessage {
  readonly type: 'lineage';
  /** Undefined where nothing can be traced: the certificate is not signed with a trusted key, or is not on a disk. */
  readonly lineage: Lineage | undefined;
}

/** The certificates that are about the same model, and what they guarantee together. */
export interface Lineage {
  readonly reference: Reference;
  /** At which every ε below is. */
  readonly delta: number;
  /** Oldest first. */
  readonly certificates: readonly LineageCertificate[];
  /** What holds for the records of each request, in the order of the certificates. */
  readonly requests: readonly LineageRequest[];
}

export interface LineageCertificate {
  /** Absolute path, by which the page asks for it. */
  readonly path: string;
  /** Relative to the workspace. */
  readonly name: string;
  readonly finishedOn: string;
  /** As stated. */
  readonly epsilon: number;
  readonly delta: number;
  readonly forgotten: number;
  /** Whether it is the one on the page. */
  readonly current: boolean;
  readonly origin: LineageOrigin;
  /** Models trained further from this one, on retained records alone. */
  readonly successors: readonly { readonly name: string; readonly training: string }[];
}

/** The model that a run started from; certificates by their position. */
export type LineageOrigin =
  | { readonly kind: 'certificate'; readonly certificate: number }
  | { readonly kind: 'successor'; readonly certificate: number; readonly name: string }
  | { readonly kind: 'original'; readonly name: string }
  /** `sealed`: the private files of the run are not here. `elsewhere`: it was none of the models that are here. */
  | { readonly kind: 'unknown'; readonly why: 'sealed' | 'elsewhere' };

export interface LineageRequest {
  /** ε for someone who sees the latest of the models. */
  readonly latest: number;
  /** ε for someone who sees all of them since the request. */
  readonly together: number;
  /** The runs whose noise that costs. */
  readonly paid: readonly number[];
  /** Later runs that used the forgotten records again: then the above does not hold. */
  readonly usedAgainBy: readonly number[];
  /** Later runs of which this cannot be seen here. */
  readonly notCompared: readonly number[];
}

export type ToCertificatePage = CertificateMessage | UnreadableMessage | LineageMessage;

export type FromCertificatePage =
  | { readonly type: 'ready' }
  | { readonly type: 'verify' }
  | { readonly type: 'copy' }
  | { readonly type: 'pdf' }
  | { readonly type: 'compare' }
  /** Another certificate of the lineage. */
  | { readonly type: 'open'; readonly path: string }
  | { readonly type: 'show'; readonly what: 'text' | 'report' };
