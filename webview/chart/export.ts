import type { PlanPoint } from '../../src/plan/privacy-spent';
import { type Comparison, pointAt } from './schedule';

const inherited = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'font-family', 'font-size', 'text-anchor', 'visibility'] as const;

/** A chart as a file of its own, as it is seen: what the theme gives it is written into it, what only the pointer is for is left out. */
export function svgFile(chart: SVGSVGElement): string {
  const copy = chart.cloneNode(true) as SVGSVGElement;
  const originals = [chart, ...chart.querySelectorAll('*')];
  for (const [index, node] of [copy, ...copy.querySelectorAll('*')].entries()) {
    const original = originals[index];
    if (original === undefined) continue;
    const style = getComputedStyle(original);
    for (const name of inherited) node.setAttribute(name, style.getPropertyValue(name));
  }
  for (const part of copy.querySelectorAll('.interactive')) part.remove();
  for (const name of ['role', 'tabindex']) copy.removeAttribute(name);
  const { width, height } = chart.viewBox.baseVal;
  for (const [name, value] of [['width', width], ['height', height]] as const) copy.setAttribute(name, String(value));
  const background = document.createElementNS(copy.namespaceURI, 'rect');
  for (const [name, value] of [['width', '100%'], ['height', '100%'], ['fill', getComputedStyle(document.body).backgroundColor]] as const) background.setAttribute(name, value);
  copy.prepend(background);
  return new XMLSerializer().serializeToString(copy);
}

/** The same as a picture, at twice its size. */
export async function pngFile(chart: SVGSVGElement): Promise<Uint8Array> {
  const { width, height } = chart.viewBox.baseVal;
  const address = URL.createObjectURL(new Blob([svgFile(chart)], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = 2 * width;
    canvas.height = 2 * height;
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (blob === null) throw new Error('the picture could not be made');
    return new Uint8Array(await blob.arrayBuffer());
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** The points of a schedule, one a line, with all their digits; those of another one beside them. */
export function csvFile(points: readonly PlanPoint[], comparison?: Comparison): string {
  const columns = ['step', 'sigma', 'learning_rate', 'gradient_radius', 'epsilon', ...(comparison === undefined ? [] : ['compared_sigma', 'compared_epsilon'])];
  const rows = points.map(({ step, sigma, learningRate, gradientRadius, epsilon }) => {
    const other = comparison === undefined ? undefined : pointAt(comparison.schedule.points, step);
    return [step, sigma, learningRate, gradientRadius, epsilon ?? '', ...(comparison === undefined ? [] : [other?.sigma ?? '', other?.epsilon ?? ''])].join(',');
  });
  return [columns.join(','), ...rows, ''].join('\n');
}
