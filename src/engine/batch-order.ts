import { seeded } from './seeded';

/**
 * Mini-batches of records, epoch after epoch, each epoch in a new order without replacement. What does not fill a batch at an epoch's end
 * sits out until the next, so that all batches have the same size.
 */
export class BatchOrder {
  readonly batchesPerEpoch: number;
  private readonly order: Uint32Array;
  private readonly size: number;
  private readonly random: () => number;
  private next = 0;

  /** `size` is at most the number of records. */
  constructor(records: Uint32Array, size: number, seed: number) {
    if (size < 1 || size > records.length) throw new RangeError(`batches of ${size} from ${records.length} records`);
    this.order = records.slice();
    this.size = size;
    this.random = seeded(seed);
    this.batchesPerEpoch = Math.floor(records.length / size);
  }

  /** Record numbers of the next batch; the array is the caller's. */
  take(): Uint32Array {
    if (this.next === 0) this.shuffle();
    const start = this.next * this.size;
    this.next = (this.next + 1) % this.batchesPerEpoch;
    return this.order.slice(start, start + this.size);
  }

  /** Fisher–Yates. */
  private shuffle(): void {
    const { order } = this;
    for (let last = order.length - 1; last > 0; last--) {
      const other = Math.floor(this.random() * (last + 1));
      const record = order[last] ?? 0;
      order[last] = order[other] ?? 0;
      order[other] = record;
    }
  }
}
