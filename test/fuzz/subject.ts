/** One damaged file of a kind, with what belongs to it, and what the program does with it. */
export interface Case {
  /** What was damaged. */
  readonly seed: string;
  /** Files to write, by their paths in a folder of their own. */
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  /** Gives `model` or `data`, or the code of the typed error that it ended with. Whatever else is thrown is a defect. */
  readonly examine: (folder: string) => Promise<string>;
}

/** What is damaged and looked at: models or data. */
export interface Subject {
  readonly seedCount: number;
  /** The same damage every time, for the same seed and round. */
  readonly caseOf: (seed: number, round: number) => Promise<Case>;
  /** Whether native code that this project cannot make safe opens the file, and may end the process, which the program keeps apart for that. */
  readonly mayEndProcess: (seed: number) => boolean;
}
