import { beforeAll, describe, expect, it, vi } from 'vitest';
import { privacySpent } from '../../../src/plan/privacy-spent';
import { calibrateNoise } from '../../../src/privacy/calibrate-any';
import type { GradientClipping, Mechanism } from '../../../src/privacy/mechanism';
import { stepsOfPlan, type Shape } from '../../../src/privacy/shapes';
import type { LossPoint } from '../../../src/protocol/panel-messages';
import { drawing, openChartPage } from './chart-page';

// The toolkit needs a real browser; here a button is a button.
vi.mock('../../../webview/controls', () => ({
  button: (text: string, onClick: () => void) => Object.assign(document.createElement('button'), { textContent: text, onclick: onClick }),
}));

beforeAll(openChartPage);

const target = { epsilon: 1, delta: 1e-5 };

function mechanism(steps: number, sigmaShape: Shape = { kind: 'constant' }): GradientClipping {
  const plan = { initialRadius: 10, gradientRadius: 0.01, learningRate: 0.1, decay: 1, steps, sigma: 1, sigmaShape };
  return calibrateNoise({ method: 'gradient-clipping', initialRadius: 10, steps: stepsOfPlan(plan) }, target, 'retrained');
}

async function chartOf(run: Mechanism, { compared, keys = [] }: { readonly compared?: Mechanism; readonly keys?: readonly string[] } = {}): Promise<HTMLElement> {
  const { ScheduleChart } = await import('../../../webview/chart/schedule-chart');
  const scheduleOf = (of: Mechanism) => ({ points: privacySpent(of, 'retrained', target.delta), target, detail: (first: number, last: number) => privacySpent(of, 'retrained', target.delta, undefined, [first, last]) });
  const chart = new ScheduleChart();
  document.body.replaceChildren(chart.element);
  chart.update(scheduleOf(run), compared === undefined ? undefined : { name: 'pinned', schedule: scheduleOf(compared) });
  for (const key of keys) chart.chart?.dispatchEvent(new window.KeyboardEvent('keydown', { key }));
  return chart.element;
}

async function expectDrawing(name: string, element: Element): Promise<void> {
  const svg = element.tagName.toLowerCase() === 'svg' ? element : element.querySelector('svg');
  if (svg === null) throw new Error('nothing is drawn');
  await expect(drawing(svg)).toMatchFileSnapshot(`charts/${name}.svg`);
}

describe('the chart of a schedule', () => {
  it('constant, of 100 steps', async () => expectDrawing('schedule-constant', await chartOf(mechanism(100))));
  it('of one step', async () => expectDrawing('schedule-one-step', await chartOf(mechanism(1))));
  it('drawn by hand', async () => expectDrawing('schedule-points', await chartOf(mechanism(100, { kind: 'points', points: [[0, 0.2], [0.3, 1], [0.6, 0.9], [1, 0.1]] }))));
  it('over another one', async () => expectDrawing('schedule-compared', await chartOf(mechanism(60, { kind: 'cosine', final: 0 }), { compared: mechanism(100) })));
  it('of 10,000 steps', async () => expectDrawing('schedule-10000', await chartOf(mechanism(10_000, { kind: 'geometric', final: 0.1 }))));
  it('of 10,000 steps, from close by', async () => expectDrawing('schedule-10000-zoomed', await chartOf(mechanism(10_000, { kind: 'geometric', final: 0.1 }), { keys: ['Home', '+', '+', '+', '+', '+', '+', '+', 'ArrowRight'] })));
  it('without gradient steps', async () => expectDrawing('schedule-output-perturbation', await chartOf(calibrateNoise({ method: 'output-perturbation', initialRadius: 10, sigma: 1 }, target, 'retrained'))));
  it('of what is exact says that there is none', async () => expect((await chartOf({ method: 'retrain' })).textContent).toBe('The schedule has no noisy step.'));
  it('of a few hundred points at most, however many steps', async () => expect((await chartOf(mechanism(10_000))).querySelector('path.sigma')?.getAttribute('d')?.match(/[ML]/g)?.length).toBeLessThanOrEqual(302));

  it('from close by is as exact as from afar: each step has its own point', async () => {
    const chart = await chartOf(mechanism(10_000, { kind: 'linear', final: 0 }), { keys: ['End', '+', '+', '+', '+', '+', '+', '+'] });
    // 9,999 steps halved seven times, rounded each time: 79 from the first to the last.
    const [label = ''] = /Steps \d+ to \d+ are in view/.exec(chart.querySelector('svg')?.getAttribute('aria-label') ?? '') ?? [];
    expect(label).toBe('Steps 9921 to 10000 are in view');
    expect(chart.querySelector('path.sigma')?.getAttribute('d')?.match(/[ML]/g)?.length).toBe(80);
  });

  it('keeps its cursor while the schedule changes', async () => {
    const { ScheduleChart } = await import('../../../webview/chart/schedule-chart');
    const chart = new ScheduleChart();
    document.body.replaceChildren(chart.element);
    const points = privacySpent(mechanism(50), 'retrained', target.delta);
    chart.update({ points, target });
    for (const key of ['Home', 'ArrowRight']) chart.chart?.dispatchEvent(new window.KeyboardEvent('keydown', { key }));
    chart.update({ points: privacySpent(mechanism(80), 'retrained', target.delta), target });
    expect(chart.element.querySelector('.readout')?.textContent).toMatch(/^Step 2: /);
  });
});

describe('what is saved of a schedule', () => {
  it('as a picture is what is seen, without what only the pointer is for', async () => {
    const { svgFile } = await import('../../../webview/chart/export');
    const chart = (await chartOf(mechanism(10_000), { keys: ['Home', '+', '+', '+', '+', '+'] })).querySelector('svg');
    if (chart === null) throw new Error('nothing is drawn');
    const file = svgFile(chart);
    const ticks = [...chart.querySelectorAll('.tick')].map(({ textContent }) => textContent);
    expect(file).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect([...file.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) => text)).toEqual(expect.arrayContaining(ticks));
    expect(file).not.toMatch(/interactive|tabindex|cursor/);
    expect(chart.querySelector('.interactive')).not.toBeNull(); // the one on the page is left as it is
  });

  it('as numbers has all their digits, and those of the schedule that it is compared with', async () => {
    const { csvFile } = await import('../../../webview/chart/export');
    const points = privacySpent(mechanism(3), 'retrained', target.delta);
    const sigma = points[0]?.sigma ?? NaN;
    expect(csvFile(points).split('\n').slice(0, 2)).toEqual(['step,sigma,learning_rate,gradient_radius,epsilon', `1,${sigma},0.1,0.01,${points[0]?.epsilon ?? ''}`]);
    const other = { name: 'pinned', schedule: { points: points.slice(1), target } };
    expect(csvFile(points, other).split('\n').map((line) => line.split(',').length)).toEqual([7, 7, 7, 7, 1]);
    expect(csvFile(points, other).split('\n')[1]).toMatch(/,,$/); // the other one begins a step later
  });
});

describe('points of a curve', () => {
  const curve = () => {
    const calls: unknown[] = [];
    const points = [{ step: 1, value: 0.03 }, { step: 50, value: 0.02 }, { step: 100, value: 0.01 }];
    const called = (name: string) => (...values: readonly unknown[]): void => void calls.push([name, ...values]);
    return { calls, editable: { quantity: 'sigma' as const, name: 'σ', points, move: called('move'), insert: called('insert'), remove: called('remove'), done: called('done'), cancel: called('cancel') } };
  };
  const drawn = async () => {
    const { ScheduleChart } = await import('../../../webview/chart/schedule-chart');
    const { calls, editable } = curve();
    const chart = new ScheduleChart();
    document.body.replaceChildren(chart.element);
    chart.update({ points: privacySpent(mechanism(100), 'retrained', target.delta), target }, undefined, [editable]);
    const marks = [...chart.element.querySelectorAll<SVGCircleElement>('.point')];
    const press = (index: number, key: string, options: object = {}): boolean | undefined => marks[index]?.dispatchEvent(new window.KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...options }));
    return { chart, calls, marks, press };
  };

  it('are drawn on it, each a slider with a name', async () => expectDrawing('schedule-editable', (await drawn()).chart.element));

  it('go a step or a hundredth of the scale by arrows, ten times as far with Shift', async () => {
    const { press, calls } = await drawn();
    press(1, 'ArrowRight');
    press(1, 'ArrowUp', { shiftKey: true });
    // The scale ends at 0.04: σ is 0.0334 throughout.
    expect(calls).toEqual([['move', 1, { step: 51, value: 0.02 }], ['move', 1, { step: 50, value: expect.closeTo(0.024, 12) as number }]]);
  });

  it('are added half way to the next, and taken away', async () => {
    const { press, calls } = await drawn();
    press(1, 'Insert');
    press(1, 'Delete');
    press(1, 'Escape');
    expect(calls).toEqual([['insert', 75], ['remove', 1], ['cancel']]);
  });

  it('are moved by nothing else, and the chart hears of their arrows nothing', async () => {
    const { press, calls, chart } = await drawn();
    const before = chart.element.querySelector('.readout')?.textContent;
    press(1, 'a');
    press(1, 'ArrowRight');
    expect(calls).toHaveLength(1);
    expect(chart.element.querySelector('.readout')?.textContent).toBe(before);
  });

  it('stay the same elements when the curve moves', async () => {
    const { chart, marks } = await drawn();
    chart.update({ points: privacySpent(mechanism(100), 'retrained', target.delta), target }, undefined, [{ ...curve().editable, points: [{ step: 1, value: 0.01 }, { step: 60, value: 0.02 }, { step: 100, value: 0.01 }] }]);
    expect([...chart.element.querySelectorAll('.point')]).toEqual(marks);
    expect(marks[1]?.getAttribute('aria-valuetext')).toBe('σ = 0.02 at step 60');
  });
});

describe('other charts', () => {
  it('bars, one of them small, and a mark', async () => {
    const { barChart } = await import('../../../webview/chart/bars');
    await expectDrawing('bars', barChart([{ label: 'norm of all noise', value: 12.5, name: 'noise' }, { label: 'a name that is much longer than the room beside the bars/kernel:0', value: 0.003, name: 'signal' }], 'Noise', 1));
  });

  it('no bars', async () => {
    const { barChart } = await import('../../../webview/chart/bars');
    await expectDrawing('bars-none', barChart([], 'Nothing'));
  });

  const losses = [
    ...Array.from({ length: 60 }, (_, step) => ({ phase: 'noisy' as const, step: step + 1, loss: step === 30 ? 1e6 : 2 + step / 60, epsilon: step === 0 ? Infinity : 200 / (step + 1) ** 1.3 })),
    ...Array.from({ length: 40 }, (_, step) => ({ phase: 'recovery' as const, step: step + 1, loss: 3 / (1 + step / 4) })),
  ];

  it('the loss of a run, with a diverging batch and the recovery', async () => {
    const { lossChart } = await import('../../../webview/chart/loss-chart');
    await expectDrawing('losses', lossChart([{ name: 'this run', losses }]));
  });

  it('the losses of two runs, one of them just begun', async () => {
    const { lossChart } = await import('../../../webview/chart/loss-chart');
    await expectDrawing('losses-of-two', lossChart([{ name: 'A', losses }, { name: 'B', losses: losses.slice(0, 1) }]));
  });

  it('how accuracy went', async () => {
    const { momentsChart } = await import('../../../webview/chart/moments-chart');
    await expectDrawing('moments', momentsChart('Accuracy', ['Original', 'After the noise', 'After recovery'], [{ label: 'retained', name: 'noisy', shares: [0.98, 0.11, 0.95] }, { label: 'forgotten', name: 'recovery', shares: [0.99, 0.1, 0.94] }]));
  });

  it('privacy spent as a run goes, from the first noise on', async () => {
    const { privacyChart, tellsPrivacy } = await import('../../../webview/chart/privacy-chart');
    await expectDrawing('privacy', privacyChart(losses, 1));
    expect([tellsPrivacy(losses), tellsPrivacy(losses.slice(60)), tellsPrivacy([])]).toEqual([true, false, false]);
  });

  it('accuracy while a recovery goes on', async () => {
    const { accuracyChart, accuracyTable, tellsAccuracy } = await import('../../../webview/chart/accuracy-chart');
    const recovery = losses.map((point): LossPoint => (point.phase === 'recovery' && point.step % 10 === 0 ? { ...point, accuracy: 1 - 0.9 ** point.step } : point));
    await expectDrawing('accuracy', accuracyChart(recovery));
    expect([tellsAccuracy(recovery), tellsAccuracy(losses)]).toEqual([true, false]);
    expect(accuracyTable(recovery).querySelectorAll('tbody tr')).toHaveLength(recovery.filter(({ accuracy }) => accuracy !== undefined).length);
  });

  it('privacy before the first noise', async () => {
    const { privacyChart } = await import('../../../webview/chart/privacy-chart');
    await expectDrawing('privacy-none', privacyChart(losses.slice(0, 1), 1));
  });
});
