/** A test file exports its tests by name. */
export type Suite = Readonly<Record<string, () => Promise<void> | void>>;
