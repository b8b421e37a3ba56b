import type { PlanPoint } from '../../src/plan/privacy-spent';

const inherited = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'font-family', 'font-size', 'text-anchor', 'visibility'] as const;

/** A chart as a file of its own: what the theme gives it is written into it. */
export function svgFile(chart: SVGSVGElement): string {
  const copy = chart.cloneNode(true) as SVGSVGElement;
  const originals = [chart, ...chart.querySelectorAll('*')];
  for (const [index, node] of [copy, ...copy.querySelectorAll('*')].entries()) {
    const original = originals[index];
    if (original === undefined) continue;
    const style = getComputedStyle(original);
    for (const name of inherited) node.setAttribute(name, style.getPropertyValue(name));
  }
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

/** The points of a schedule, one a line, with all their digits. */
export function csvFile(points: readonly PlanPoint[]): string {
  const rows = points.map(({ step, sigma, learningRate, gradientRadius, epsilon }) => [step, sigma, learningRate, gradientRadius, epsilon ?? ''].join(','));
  return ['step,sigma,learning_rate,gradient_radius,epsilon', ...rows, ''].join('\n');
}
