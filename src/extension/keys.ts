import { readFile } from 'node:fs/promises';
import { env, EventEmitter, l10n, type LogOutputChannel, type SecretStorage, window, workspace } from 'vscode';
import { createKeyPair, publicPem, type Signer, signerFromPem } from '../certificate/keys';
import { Disposable } from './disposable';

const secret = 'certifiedUnlearning.signingKey';
const setting = 'certifiedUnlearning.trustedKeys';

/** The user's signing key, in VS Code's secret storage, and the keys that the user trusts. */
export class Keys extends Disposable {
  readonly #changed = this.register(new EventEmitter<void>());
  /** Other keys are trusted than before. */
  readonly onDidChange = this.#changed.event;
  readonly #secrets: SecretStorage;
  readonly #log: LogOutputChannel;

  constructor(secrets: SecretStorage, log: LogOutputChannel) {
    super();
    this.#secrets = secrets;
    this.#log = log;
    this.register(secrets.onDidChange(({ key }) => {
      if (key === secret) this.#changed.fire();
    }));
    this.register(workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(setting)) this.#changed.fire();
    }));
  }

  /** Signs with the user's key, which is created on first use. */
  async signer(): Promise<Signer> {
    const stored = await this.#secrets.get(secret);
    if (stored !== undefined) return signerFromPem(stored);
    const signer = await this.#create();
    void this.#announce(l10n.t('A signing key was created for your certificates. Fingerprint: SHA-256 {0}', signer.fingerprint), signer.fingerprint);
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
    const files = workspace.getConfiguration().get<readonly string[]>(setting, []);
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

  /** Shows the fingerprint, by which others recognise the key. */
  async showFingerprint(): Promise<void> {
    const { fingerprint } = await this.signer();
    await this.#announce(l10n.t('Your certificates are signed with the key SHA-256 {0}', fingerprint), fingerprint);
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

  /** Replaces the key. Certificates signed with the old one verify only where its public half is trusted, so that is offered for keeping first. */
  async rotate(): Promise<void> {
    if ((await this.#secrets.get(secret)) === undefined) return this.showFingerprint();
    const keep = l10n.t('Export Old Public Key, Then Replace');
    const replace = l10n.t('Replace');
    const choice = await window.showWarningMessage(l10n.t('Replace your signing key?'), {
      modal: true,
      detail: l10n.t('Certificates signed with the present key will verify here only if its public half is among the trusted keys of the settings. The private half is deleted.'),
    }, keep, replace);
    if (choice === undefined) return;
    if (choice === keep) await this.exportPublicKey();
    const { fingerprint } = await this.#create();
    await this.#announce(l10n.t('Your new key has the fingerprint SHA-256 {0}', fingerprint), fingerprint);
  }

  async #create(): Promise<Signer> {
    const { privateKey } = createKeyPair();
    await this.#secrets.store(secret, privateKey);
    const signer = signerFromPem(privateKey);
    this.#log.info(`created a signing key with the fingerprint SHA-256 ${signer.fingerprint}`);
    return signer;
  }

  async #announce(text: string, fingerprint: string): Promise<void> {
    const exportKey = l10n.t('Export Public Key…');
    const copy = l10n.t('Copy Fingerprint');
    const choice = await window.showInformationMessage(text, exportKey, copy);
    if (choice === exportKey) await this.exportPublicKey();
    if (choice === copy) await env.clipboard.writeText(fingerprint);
  }
}
