import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Progress } from '../protocol/engine-protocol';
import type { LossPoint } from '../protocol/panel-messages';
import { withLoss } from './loss-curve';

export const courseFile = 'course.json';

const phase = z.enum(['loading', 'measuring-original', 'noisy', 'recovery', 'measuring-released', 'writing']);

/** How a run went, kept with its private report. */
export const courseSchema = z.object({
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  /** In the order in which they were gone through; the result is measured twice. */
  phases: z.array(z.object({ phase, seconds: z.number().nonnegative() })).max(100),
  /** On each mini-batch; thinned. */
  losses: z.array(z.object({ phase: z.enum(['noisy', 'recovery']), step: z.int().positive(), loss: z.number(), accuracy: z.number().min(0).max(1).optional() })).max(1000),
  /** Bytes that the engine's process had at most. */
  peakMemory: z.number().positive().optional(),
});

export type RunCourse = z.output<typeof courseSchema>;

/** Writes down how a run goes while it does. `now` gives milliseconds since 1970. */
export class CourseRecorder {
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #phases: { readonly phase: Progress['phase']; readonly since: number }[] = [];
  #losses: readonly LossPoint[] = [];
  #peakMemory = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#startedAt = now();
  }

  /** Hears of progress, and passes it on. */
  listening(next?: (progress: Progress) => void): (progress: Progress) => void {
    return (progress) => {
      if (this.#phases.at(-1)?.phase !== progress.phase) this.#phases.push({ phase: progress.phase, since: this.#now() });
      this.#peakMemory = Math.max(this.#peakMemory, progress.memory ?? 0);
      // A loss that has diverged is no number, and not JSON.
      if (Number.isFinite(progress.loss ?? 0)) this.#losses = withLoss(this.#losses, progress);
      next?.(progress);
    };
  }

  get course(): RunCourse {
    const end = this.#now();
    return {
      startedAt: new Date(this.#startedAt).toISOString(),
      finishedAt: new Date(end).toISOString(),
      phases: this.#phases.map(({ phase: name, since }, index) => ({ phase: name, seconds: Math.max(0, (this.#phases[index + 1]?.since ?? end) - since) / 1000 })),
      losses: [...this.#losses],
      ...(this.#peakMemory === 0 ? {} : { peakMemory: this.#peakMemory }),
    };
  }

  /** Writes the course into a folder, owner-only, and returns the name of the file. */
  async write(folder: string): Promise<string> {
    await writeFile(join(folder, courseFile), `${JSON.stringify(this.course, undefined, 2)}\n`, { mode: 0o600 });
    return courseFile;
  }
}
