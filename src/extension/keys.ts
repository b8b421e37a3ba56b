import { readFile } from 'node:fs/promises';
import { env, l10n, type LogOutputChannel, type SecretStorage, window, workspace } from 'vscode';
import { createKeyPair, publicPem, type Signer, signerFromPem } from '../certificate/keys';

const secret = 'certifiedUnlearning.signingKey';

/** The user's signing key, in VS Code's secret storage, and the keys that the user trusts. */
export class Keys {
  readonly #secrets: SecretStorage;
  readonly #log: LogOutputChannel;

  constructor(secrets: SecretStorage, log: LogOutputChannel) {
    this.#secrets = secrets;
    this.#log = log;
  }

  /** Signs with the user's key, which is created on first use. */
  async signer(): Promise<Signer> {
    const stored = await this.#secrets.get(secret);
    if (stored !== undefined) return signerFromPem(stored);
    const { privateKey } = createKeyPair();
    await this.#secrets.store(secret, privateKey);
    const signer = signerFromPem(privateKey);
    this.#log.info(`created a signing key with the fingerprint SHA-256 ${signer.fingerprint}`);
    void this.#announce(signer.fingerprint);
    return signer;
  }

  /** The public half in PEM; undefined while there is no key. */
  async ownPublicKey(): Promise<string | undefined> {
    const stored = await this.#secrets.get(secret);
    return stored === undefined ? undefined : publicPem(stored);
  }

  /** The user's own key and those of the setting; what cannot be read is left out and logged. */
  async trusted(): Promise<readonly string[]> {
    const own = await this.ownPublicKey();
    const files = workspace.getConfiguration('certifiedUnlearning').get<readonly string[]>('trustedKeys', []);
    const given = await Promise.all(files.map(async (file) => {
      try {
        return publicPem(await readFile(file, 'utf8'));
      } catch (error) {
        this.#log.warn(`the trusted key ${file} cannot be used: ${error instanceof Error ? error.message : String(error)}`);
        return undefined;
      }
    }));
    return [own, ...given].filter((key) => key !== undefined);
  }

  /** Asks where to, and writes the public half there. */
  async exportPublicKey(): Promise<void> {
    const { fingerprint } = await this.signer();
    const key = await this.ownPublicKey();
    const target = await window.showSaveDialog({ title: l10n.t('Export Public Key'), filters: { PEM: ['pem'] }, saveLabel: l10n.t('Export') });
    if (target === undefined || key === undefined) return;
    await workspace.fs.writeFile(target, Buffer.from(key));
    void window.showInformationMessage(l10n.t('Public key written to {0}. Fingerprint: SHA-256 {1}', target.fsPath, fingerprint));
  }

  async #announce(fingerprint: string): Promise<void> {
    const exportKey = l10n.t('Export Public Key…');
    const copy = l10n.t('Copy Fingerprint');
    const choice = await window.showInformationMessage(l10n.t('A signing key was created for your certificates. Fingerprint: SHA-256 {0}', fingerprint), exportKey, copy);
    if (choice === exportKey) await this.exportPublicKey();
    if (choice === copy) await env.clipboard.writeText(fingerprint);
  }
}

