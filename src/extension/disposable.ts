import type { Disposable as Disposes } from 'vscode';

/** Something that owns disposables and goes with them. */
export abstract class Disposable implements Disposes {
  readonly #owned: Disposes[] = [];

  protected register<T extends Disposes>(disposable: T): T {
    this.#owned.push(disposable);
    return disposable;
  }

  dispose(): void {
    for (const owned of this.#owned.splice(0).reverse()) owned.dispose();
  }
}
