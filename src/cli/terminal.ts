import type { Progress } from '../protocol/engine-protocol';

/** Where the command line writes: results to stdout, everything else to stderr. */
export class Terminal {
  readonly #out: NodeJS.WritableStream;
  readonly #err: NodeJS.WritableStream & { isTTY?: boolean };
  #lastPhase = '';
  #lastShown = 0;

  constructor(out: NodeJS.WritableStream = process.stdout, err: NodeJS.WritableStream & { isTTY?: boolean } = process.stderr) {
    this.#out = out;
    this.#err = err;
  }

  line(text = ''): void {
    this.#out.write(`${text}\n`);
  }

  json(value: unknown): void {
    this.#out.write(`${JSON.stringify(value, undefined, 2)}\n`);
  }

  error(text: string): void {
    this.#err.write(`${text}\n`);
  }

  /** On a terminal one line that rewrites itself; in a log a line every ten seconds and at each new phase. */
  progress(progress: Progress): void {
    const now = Date.now();
    const fresh = progress.phase !== this.#lastPhase;
    const last = progress.step === progress.steps;
    const pause = this.#err.isTTY === true ? 100 : 10_000;
    if (!fresh && !last && now - this.#lastShown < pause) {
      return;
    }
    this.#lastShown = now;
    this.#lastPhase = progress.phase;
    const text = progressText(progress);
    this.#err.write(this.#err.isTTY === true ? `\r\u001B[K${text}${last ? '\n' : ''}` : `${text}\n`);
  }
}

const phaseNames: Readonly<Record<Progress['phase'], string>> = {
  loading: 'opening model and data',
  'measuring-original': 'measuring the original',
  noisy: 'unlearning',
  recovery: 'recovering',
  'measuring-released': 'measuring the result',
  writing: 'writing',
};

export function progressText({ phase, step, steps, loss, epsilon, secondsLeft }: Progress): string {
  return [
    steps > 1 ? `${phaseNames[phase]} ${step}/${steps}` : phaseNames[phase],
    loss === undefined ? undefined : `loss ${loss.toFixed(4)}`,
    epsilon === undefined ? undefined : `ε ${epsilon.toPrecision(4)}`,
    secondsLeft === undefined ? undefined : `${Math.ceil(secondsLeft)} s left`,
  ].filter((part) => part !== undefined).join(' · ');
}
