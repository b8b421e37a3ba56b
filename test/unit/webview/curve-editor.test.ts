import { describe, expect, it } from 'vitest';
import { planRun } from '../../../src/plan/plan';
import type { Edit, Planned } from '../../../src/protocol/panel-messages';
import { requestSchema } from '../../../src/request/schema';
import { CurveEditor } from '../../../webview/panel/curve-editor';
import { withValue, type PanelState } from '../../../webview/panel/state';

const facts = { tensors: [{ name: 'kernel', count: 100, fanIn: 10 }], retainCount: 1000 };
const written = { name: 'gradient-clipping', initialRadius: 1, gradientRadius: 0.01, learningRate: 0.1, decay: 1, steps: 101 };

function planned(method: object = written, target: object = { epsilon: 1, delta: 1e-5 }): Planned {
  return { target: requestSchema.shape.target.parse(target), method: requestSchema.shape.method.parse(method), recovery: requestSchema.shape.recovery.parse({}) };
}

/** A panel whose document takes its time: edits arrive when the test says so. */
class Panel {
  readonly edits: (readonly Edit[])[] = [];
  readonly editor: CurveEditor;
  #document: Planned;
  #draft: Planned;
  #shown: PanelState['document'];

  constructor(quantity: 'sigma' | 'learningRate', document: Planned) {
    this.#document = document;
    this.#draft = document;
    this.editor = new CurveEditor(quantity, {
      preview: (path, value) => {
        this.#draft = withValue(this.#draft, path, value);
        this.#show();
      },
      edit: (...edits) => void this.edits.push(edits),
      send: () => undefined,
    });
    this.receive(document);
  }

  /** A new text of the document. */
  receive(document: Planned): void {
    this.#document = document;
    this.#draft = document;
    this.#shown = { type: 'document', name: '', value: document, planned: document, problems: [] };
    this.#show();
  }

  /** The document with one batch of edits made. */
  after(edits: readonly Edit[] | undefined): Planned {
    return (edits ?? []).reduce((document, { path, value }) => withValue(document, path, value), this.#document);
  }

  get plan(): ReturnType<typeof planRun> {
    return planRun(this.#draft, facts);
  }

  #show(): void {
    this.editor.update({ document: this.#shown, plan: this.plan });
  }
}

describe('moving the points of a curve', () => {
  it('shows every move and writes once', () => {
    const panel = new Panel('sigma', planned());
    const { value = 0 } = panel.editor.points[2] ?? {};
    for (const share of [0.9, 0.7, 0.5]) panel.editor.move(2, { step: 51, value: share * value });
    expect(panel.edits).toEqual([]);
    expect(panel.plan.costs.retrained.epsilon).toBeCloseTo(1, 9); // scaled to the target all along
    panel.editor.done();
    expect(panel.edits).toHaveLength(1);
    const [[edit] = []] = panel.edits;
    expect(edit?.path).toEqual(['method', 'sigmaShape']);
    expect((edit?.value as { points: number[][] }).points.map(([fraction]) => fraction)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    panel.editor.done();
    expect(panel.edits).toHaveLength(1);
  });

  it('follows the pointer although the noise is scaled: a few moves at one place end there', () => {
    const panel = new Panel('sigma', planned());
    const goal = 0.6 * (panel.editor.points[2]?.value ?? NaN);
    for (let move = 0; move < 12; move += 1) panel.editor.move(2, { step: 51, value: goal });
    expect(panel.editor.points[2]?.value).toBeCloseTo(goal, 4);
  });

  it('where σ is given, ε follows, and what bounded it is removed', () => {
    const panel = new Panel('sigma', planned({ ...written, sigma: 0.1 }, { epsilon: 20, delta: 1e-5 }));
    const before = panel.plan.costs.retrained.epsilon;
    panel.editor.move(4, { step: 101, value: 0.05 });
    expect(panel.editor.points[4]?.value).toBe(0.05);
    expect(panel.plan.costs.retrained.epsilon).toBeGreaterThan(before);
    panel.editor.done();
    expect(panel.edits).toEqual([[
      { path: ['method', 'sigmaShape'], value: { kind: 'points', points: [[0, 1], [0.25, 1], [0.5, 1], [0.75, 1], [1, 0.5]] } },
      { path: ['method', 'sigma'], value: 0.1 },
      { path: ['target', 'epsilon'], value: undefined },
    ]]);
  });

  it('a point above all others raises the largest value', () => {
    const panel = new Panel('learningRate', planned());
    panel.editor.move(0, { step: 1, value: 0.2 });
    panel.editor.done();
    expect(panel.edits).toEqual([[
      { path: ['method', 'learningRateShape'], value: { kind: 'points', points: [[0, 1], [0.25, 0.5], [0.5, 0.5], [0.75, 0.5], [1, 0.5]] } },
      { path: ['method', 'learningRate'], value: 0.2 },
    ]]);
  });

  it('a move begun before the last one has come back is not lost, and comes after it', () => {
    const panel = new Panel('learningRate', planned());
    panel.editor.move(1, { step: 26, value: 0.05 });
    panel.editor.done();
    panel.editor.move(1, { step: 26, value: 0.04 });
    panel.receive(panel.after(panel.edits[0]));
    expect(panel.editor.points[1]?.value).toBeCloseTo(0.04, 12);
    panel.editor.done();
    expect(panel.edits).toHaveLength(2);
    panel.receive(panel.after(panel.edits[1]));
    expect(panel.editor.points[1]?.value).toBeCloseTo(0.04, 12);
  });

  it('back to where it was before the last move has come back is written as well', () => {
    const bent = { kind: 'points', points: [[0, 1], [0.5, 0.5], [1, 1]] };
    const panel = new Panel('learningRate', planned({ ...written, learningRateShape: bent }));
    for (const value of [0.07, 0.05]) {
      panel.editor.move(1, { step: 51, value });
      panel.editor.done();
    }
    expect(panel.edits.map(([edit]) => (edit?.value as { points: number[][] }).points[1]?.[1])).toEqual([0.7, 0.5]);
  });

  it('what another hand writes takes its place once it is written, as undo does', () => {
    const panel = new Panel('learningRate', planned());
    panel.editor.move(1, { step: 26, value: 0.05 });
    panel.editor.done();
    panel.receive(panel.after(panel.edits[0]));
    panel.receive(planned());
    expect(panel.editor.points.map(({ value }) => value)).toEqual([0.1, 0.1, 0.1, 0.1, 0.1]);
  });

  it('is taken back by cancelling', () => {
    const panel = new Panel('sigma', planned());
    const before = panel.editor.points;
    panel.editor.move(1, { step: 26, value: 0 });
    panel.editor.cancel();
    panel.editor.done();
    expect([panel.editor.points, panel.edits]).toEqual([before, []]);
  });

  it('points are added and removed, each by one edit', () => {
    const panel = new Panel('learningRate', planned({ ...written, learningRateShape: 'linear' }));
    panel.editor.insert(11);
    expect((panel.edits[0]?.[0]?.value as { points: unknown[] }).points).toHaveLength(6);
    panel.receive(panel.after(panel.edits[0]));
    panel.editor.remove(1);
    expect((panel.edits[1]?.[0]?.value as { points: unknown[] }).points).toHaveLength(5);
  });

  it('of a method with noise for each tensor, the curve is the loudest one', () => {
    const panel = new Panel('sigma', planned({ name: 'layered-gradient-clipping', steps: 50, sigmaShape: 'linear' }));
    const loudest = Math.max(...panel.plan.schedule.map(({ sigma }) => sigma));
    expect(panel.editor.points[0]).toEqual({ step: 1, value: loudest });
    panel.editor.move(4, { step: 50, value: loudest / 2 });
    panel.editor.done();
    expect(panel.edits[0]?.map(({ path }) => path.join('.'))).toEqual(['method.sigmaShape']);
    expect(panel.plan.costs.retrained.epsilon).toBeLessThanOrEqual(1);
  });

  it('a method without shapes has no points', () => expect(new Panel('sigma', planned({ name: 'output-perturbation', initialRadius: 1 })).editor.points).toEqual([]));
});
