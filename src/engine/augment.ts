import type { Batch, Dataset } from '../data/dataset';
import { seeded } from './seeded';

/** Random changes of images that keep their labels. Applied whenever a record is read, so every epoch sees other images. */
export interface Augmentation {
  /** Mirror left and right, with probability ½. */
  readonly flip?: boolean;
  /** Shift by up to this many pixels in each direction; what comes in from outside is `fill`. */
  readonly shift?: number;
  /** Value of pixels from outside the image, in the model's scale; 0 unless given. */
  readonly fill?: number;
}

/** Where height, width and channels are among the axes of one record. */
export type ImageLayout = 'channels-first' | 'channels-last';

interface ImageSize {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/**
 * A dataset whose images are changed at random at each reading. It reads nothing but the records asked for, so over the retain set it costs no
 * privacy. The seed makes runs repeatable; no noise comes from it.
 * Throws RangeError where a record is not an image.
 */
export function augmented(dataset: Dataset, augmentation: Augmentation, layout: ImageLayout, seed: number): Dataset {
  const size = imageSize(dataset.featureShape, layout);
  const random = seeded(seed);
  return {
    count: dataset.count,
    featureShape: dataset.featureShape,
    labelKind: dataset.labelKind,
    digests: () => dataset.digests(),
    read: async (records) => {
      const batch = await dataset.read(records);
      return { ...batch, features: changed(batch, size, layout, augmentation, random) };
    },
  };
}

function imageSize(shape: readonly number[], layout: ImageLayout): ImageSize {
  const [a, b, c = 1] = shape;
  if (a === undefined || b === undefined || shape.length > 3) throw new RangeError(`records of shape [${shape.join(', ')}] are not images`);
  if (shape.length === 2) return { channels: 1, height: a, width: b };
  return layout === 'channels-first' ? { channels: a, height: b, width: c } : { channels: c, height: a, width: b };
}

function changed(batch: Batch, { channels, height, width }: ImageSize, layout: ImageLayout, { flip = false, shift = 0, fill = 0 }: Augmentation, random: () => number): Float32Array {
  const result = new Float32Array(batch.features.length).fill(fill);
  const [stepChannel, stepRow, stepColumn] = layout === 'channels-first' ? [height * width, width, 1] : [1, width * channels, channels];
  const image = channels * height * width;
  for (let start = 0; start < batch.features.length; start += image) {
    const mirrored = flip && random() < 0.5;
    const down = Math.floor(random() * (2 * shift + 1)) - shift;
    const right = Math.floor(random() * (2 * shift + 1)) - shift;
    for (let row = Math.max(0, down); row < Math.min(height, height + down); row++) {
      for (let column = Math.max(0, right); column < Math.min(width, width + right); column++) {
        const from = column - right;
        const source = start + (row - down) * stepRow + (mirrored ? width - 1 - from : from) * stepColumn;
        const target = start + row * stepRow + column * stepColumn;
        for (let channel = 0; channel < channels; channel++) result[target + channel * stepChannel] = batch.features[source + channel * stepChannel] ?? 0;
      }
    }
  }
  return result;
}
