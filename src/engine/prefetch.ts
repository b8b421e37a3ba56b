import type { Batch, Dataset } from '../data/dataset';
import type { BatchOrder } from './batch-order';

/** Reads the batch after next while the caller works on the next. */
export class BatchReader {
  private upcoming: Promise<Batch> | undefined;
  private readonly dataset: Dataset;
  private readonly order: BatchOrder;
  private left: number;

  /** Reads `count` batches in all. */
  constructor(dataset: Dataset, order: BatchOrder, count: number) {
    this.dataset = dataset;
    this.order = order;
    this.left = count;
    this.upcoming = this.start();
  }

  async read(): Promise<Batch> {
    if (this.upcoming === undefined) throw new RangeError('all batches have been read');
    const batch = await this.upcoming;
    this.upcoming = this.start();
    return batch;
  }

  private start(): Promise<Batch> | undefined {
    if (this.left === 0) return undefined;
    this.left--;
    const batch = this.dataset.read(this.order.take());
    // A failure is reported by the read that asks for this batch, not as an unhandled rejection before.
    batch.catch(() => undefined);
    return batch;
  }
}
