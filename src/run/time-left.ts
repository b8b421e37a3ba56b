/** Reading a record to train on it costs about three times what it costs to predict it: forward, and backward twice as long. */
const TRAINING_COST = 3;

/** Work in units of "one record predicted". */
export function trainingWork(records: number): number {
  return TRAINING_COST * records;
}

/** Time left of a run, from the work done and the work still to do. */
export class TimeLeft {
  readonly #total: number;
  readonly #now: () => number;
  readonly #start: number;
  #done = 0;

  /** `total` in units of work; `now` in milliseconds. */
  constructor(total: number, now: () => number = Date.now) {
    this.#total = total;
    this.#now = now;
    this.#start = now();
  }

  did(work: number): void {
    this.#done += work;
  }

  /** Undefined until enough has been done to tell. */
  get seconds(): number | undefined {
    const share = this.#done / this.#total;
    return share < 0.01 ? undefined : ((this.#now() - this.#start) / 1000) * Math.max(0, 1 / share - 1);
  }
}
