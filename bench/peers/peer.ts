import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A library in a Python process of its own, which times rounds of steps on request. */
export class Peer {
  readonly title: string;
  private readonly process;
  private readonly lines: AsyncIterator<string>;

  private constructor(title: string, python: string, script: string, settings: readonly string[]) {
    this.title = title;
    this.process = spawn(python, [join(process.cwd(), 'bench/peers', script), ...settings], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface(this.process.stdout)[Symbol.asyncIterator]();
  }

  /** Starts `script` of this folder. Rejects where the interpreter does not have the library. */
  static async start(title: string, python: string, script: string, settings: { readonly clock: 'perf_counter' | 'process_time'; readonly threads: number; readonly batch: number; readonly budget: number }): Promise<Peer> {
    const peer = new Peer(title, python, script, [settings.clock, settings.threads, settings.batch, settings.budget].map(String));
    const { version } = await peer.line<{ version: string }>();
    console.log(`${title} ${version}`);
    return peer;
  }

  /** Milliseconds a step in one round of one model. */
  async round(model: string): Promise<number> {
    this.process.stdin.write(`${model}\n`);
    return (await this.line<{ time: number }>()).time;
  }

  stop(): void {
    this.process.stdin.end();
  }

  private async line<T>(): Promise<T> {
    const next = await this.lines.next();
    if (next.done === true) throw new Error(`${this.title} ended`);
    return JSON.parse(next.value) as T;
  }
}
