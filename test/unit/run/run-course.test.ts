import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Progress } from '../../../src/protocol/engine-protocol';
import { courseSchema, CourseRecorder } from '../../../src/run/run-course';

/** A run of 1,000 noisy steps, one each 10 ms, between phases of a second each. */
function recorded(): { readonly recorder: CourseRecorder; readonly passedOn: Progress[] } {
  let time = Date.UTC(2026, 1, 3);
  const recorder = new CourseRecorder(() => time);
  const passedOn: Progress[] = [];
  const hear = recorder.listening((progress) => passedOn.push(progress));
  const spend = (progress: Progress, milliseconds: number): void => {
    hear(progress);
    time += milliseconds;
  };
  spend({ phase: 'loading', step: 0, steps: 1, memory: 1000 }, 1000);
  for (let step = 1; step <= 1000; step++) spend({ phase: 'noisy', step, steps: 1000, loss: step === 500 ? Infinity : 2 / step, memory: 5000 - step }, 10);
  spend({ phase: 'writing', step: 0, steps: 1 }, 1000);
  return { recorder, passedOn };
}

describe('the course of a run', () => {
  it('has the time of each phase, the most memory and the losses, thinned, the last one among them', () => {
    const { course } = recorded().recorder;
    expect(course).toMatchObject({ startedAt: '2026-02-03T00:00:00.000Z', finishedAt: '2026-02-03T00:00:12.000Z', peakMemory: 4999 });
    expect(course.phases).toEqual([{ phase: 'loading', seconds: 1 }, { phase: 'noisy', seconds: 10 }, { phase: 'writing', seconds: 1 }]);
    expect(course.losses.length).toBeLessThanOrEqual(400);
    expect(course.losses.at(-1)).toEqual({ phase: 'noisy', step: 1000, loss: 0.002 });
    expect(course.losses.every(({ loss }) => Number.isFinite(loss))).toBe(true);
  });

  it('hides nothing from who listens too', () => {
    expect(recorded().passedOn).toHaveLength(1002);
  });

  it('is written for its owner alone, and can be read again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'course-'));
    try {
      const { recorder } = recorded();
      const file = join(folder, await recorder.write(folder));
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(courseSchema.parse(JSON.parse(readFileSync(file, 'utf8')))).toEqual(recorder.course);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
