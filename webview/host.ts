/** What VS Code gives every webview page. */
interface VSCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VSCodeApi;

/** What a page hears, what it says, and what of its state survives its being hidden. */
interface Protocol {
  readonly hears: unknown;
  readonly says: unknown;
  readonly remembers: object;
}

/** The extension host at the other end. */
export class Host<P extends Protocol> {
  readonly #api = acquireVsCodeApi();

  send(message: P['says']): void {
    this.#api.postMessage(message);
  }

  onMessage(receive: (message: P['hears']) => void): void {
    // Only VS Code's own frame around this page can reach it.
    window.addEventListener('message', (event: MessageEvent<P['hears']>) => receive(event.data));
  }

  get state(): Partial<P['remembers']> {
    const state = this.#api.getState();
    return typeof state === 'object' && state !== null ? state : {};
  }

  remember(changes: Partial<P['remembers']>): void {
    this.#api.setState({ ...this.state, ...changes });
  }
}
