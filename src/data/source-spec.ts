/**
 * How a request says where the records are and which of them to forget. JSON-shaped, for people to write by hand.
 * Every path is absolute here, or relative to the folder given as `base` when the source is opened.
 */

/** One path, several, or a pattern: `*` and `?` in the last part of a path stand for any characters and for one. */
export type Paths = string | readonly string[];

/** How raw feature values become model inputs: `(raw - subtract) / divide`, each one number or one number a feature. */
export interface Scaling {
  /** 0 unless given. */
  readonly subtract?: number | readonly number[] | undefined;
  /** 1 unless given; never 0. */
  readonly divide?: number | readonly number[] | undefined;
}

/** What all sources share. */
export interface CommonSource {
  /** `class` (default): labels are class indices 0, 1, 2, …, or one of `classes`. `value`: labels are numbers to predict. */
  readonly labelKind?: 'class' | 'value' | undefined;
  /** The labels as they stand in the data, in the order of the model's outputs: `["ham", "spam"]`. Without it labels must be integers ≥ 0. */
  readonly classes?: readonly (string | number)[] | undefined;
  readonly scale?: Scaling | undefined;
  /** Brings every feature to mean 0 and standard deviation 1, computed on the records that are kept and on no others; not together with `scale`. */
  readonly standardize?: boolean | undefined;
  /** Shape of one record's features, where the model wants another shape than the source has: `[28, 28, 1]`. */
  readonly shape?: readonly number[] | undefined;
}

/** Features and labels as arrays, one record an entry of the first dimension; several files follow one another. */
export interface ArraySource extends CommonSource {
  /**
   * `idx`: the MNIST format, plain or `.gz`. `npy`, `npz`: NumPy's. `hdf5`: datasets of an HDF5 file. `png`: images in which every row
   * of pixels is one record (`[width, channels]` unless a shape is declared). `cifar10`, `cifar100`: the binary CIFAR files, with their labels.
   */
  readonly format: 'idx' | 'npy' | 'npz' | 'hdf5' | 'png' | 'cifar10' | 'cifar100';
  readonly features: Paths;
  /** The array in an `.npz`, the dataset in an HDF5 file; may be left out where there is only one. */
  readonly featuresKey?: string | undefined;
  /** IDX, NumPy, HDF5 or a JSON array, whatever the format of the features. The files of the features unless given (not for `idx`, `npy`, `png`). */
  readonly labels?: Paths | undefined;
  readonly labelsKey?: string | undefined;
  /** A table (`.csv`, `.tsv`, `.parquet`, `.jsonl`) with one row a record, in the same order: who or what a record is about. Used only to say whom to forget. */
  readonly records?: string | undefined;
}

/** A column of categories: one feature for each value, 1 where the record has it and 0 elsewhere. */
export interface OneHotColumn {
  readonly column: string;
  /** The values in the order of the features; a number n stands for the integers 0 to n - 1. */
  readonly oneHot: number | readonly (string | number)[];
}

/** A column of text, its words counted in so many buckets by a fixed hash: no vocabulary that training texts could have left a trace in. */
export interface HashedTextColumn {
  readonly column: string;
  readonly buckets: number;
  /** `counts` unless given. */
  readonly as?: 'counts' | 'binary' | undefined;
}

/** A column of text, by the vocabulary that the model was trained with. */
export interface TextColumn {
  readonly column: string;
  /** One word a line, or a JSON array; its place is the number of the word. `[UNK]`, if there, stands for all others. */
  readonly vocabulary: string;
  /** `counts` (default): how often each word occurs. `binary`: whether it does. `tokens`: the numbers of the first `length` words, filled up with 0. */
  readonly as?: 'counts' | 'binary' | 'tokens' | undefined;
  readonly length?: number | undefined;
  /** Where texts that are too short are filled up: at the end unless given. */
  readonly padding?: 'start' | 'end' | undefined;
  /** Where texts that are too long are cut off: at the end unless given. */
  readonly cut?: 'start' | 'end' | undefined;
}

/** A column of text, by the tokenizer that the model was trained with. */
export interface TokenizedColumn {
  readonly column: string;
  /** A `tokenizer.json` of Hugging Face, a SentencePiece model, or what Keras' `Tokenizer.to_json` writes. */
  readonly tokenizer: string;
  /** `tokens` (default): the numbers of `length` tokens. `counts`: how often each token occurs. `binary`: whether it does. */
  readonly as?: 'tokens' | 'counts' | 'binary' | undefined;
  readonly length?: number | undefined;
  /** Whether the tokens that a `tokenizer.json` puts around a text, such as `[CLS]`, are among the tokens: so unless said otherwise, not for counts. */
  readonly specialTokens?: boolean | undefined;
  /** Where texts that are too short are filled up: as the file says; else at the end, at the start for Keras. */
  readonly padding?: 'start' | 'end' | undefined;
  /** Where texts that are too long are cut off: likewise. */
  readonly cut?: 'start' | 'end' | undefined;
}

/** A column of numbers or of lists of numbers, by name; `pixel*` stands for all that begin so, in the order of the file. Or one to encode. */
export type FeatureColumn = string | OneHotColumn | HashedTextColumn | TextColumn | TokenizedColumn;

/** Features and labels as columns of a table, one record a row, in the order of the file. */
export interface TableSource extends CommonSource {
  /**
   * `csv` (RFC 4180 with a header line, UTF-8), `tsv` and `jsonl` (one JSON object a line) may be compressed: `.gz`, `.zst`.
   * `arrow`: the Arrow IPC file format, which is Feather version 2, or its stream format.
   */
  readonly format: 'csv' | 'tsv' | 'parquet' | 'jsonl' | 'duckdb' | 'sqlite' | 'arrow';
  /** One file, several, or a pattern such as `part-*.csv`; a single one for `duckdb` and `sqlite`. */
  readonly path: Paths;
  /** Which table of a `duckdb` or `sqlite` file (read only); may be left out where there is only one. */
  readonly table?: string | undefined;
  /** Between the fields of a `csv` file: `,` unless given. */
  readonly delimiter?: string | undefined;
  /** The column that holds the label. */
  readonly label: string;
  /** Columns in the order of the model's input. */
  readonly features: readonly FeatureColumn[];
}

/** Images of one size, PNG or JPEG. */
export interface ImageSource extends CommonSource {
  readonly format: 'images';
  /** A folder with one folder of images a class (classes in the order of their names unless given); or a table of paths and labels, the paths from its folder on. */
  readonly path: string;
  /** Name of the column of paths: `path` unless given. */
  readonly image?: string | undefined;
  /** Name of the column of labels: `label` unless given. */
  readonly label?: string | undefined;
  /** 1 for grey, 3 for colours; as the first image unless given. */
  readonly channels?: 1 | 3 | undefined;
}

export type SourceSpec = ArraySource | TableSource | ImageSource;

/** Ids against a key column: pasted, or the column of a table file. */
export interface IdSelection {
  /** The key column of the table (of the `records` table for arrays). */
  readonly column: string;
  readonly values?: readonly (string | number)[] | undefined;
  /** A table file, or a `.txt` file with one id a line. */
  readonly file?: string | undefined;
  /** The column of `file` that holds the ids: `column` unless given; not needed where the file has only one. */
  readonly fileColumn?: string | undefined;
  /** Ids that match no record are an error unless this is true. */
  readonly allowUnmatched?: boolean | undefined;
}

/** Which records to forget: the union of all that is given. */
export interface ForgetSelector {
  /** 0-based record numbers and inclusive ranges: `[3, "100-199"]`. */
  readonly rows?: readonly (number | string)[] | undefined;
  readonly ids?: IdSelection | undefined;
  /** A SQL condition on the columns: `student = 's17' AND year < 2020`. */
  readonly where?: string | undefined;
  /** Records with exactly the features and label of those in another source: what a person handed in. Each must be in the data. */
  readonly equalTo?: SourceSpec | undefined;
}

/** A person's or an authority's request, with what an auditor asks about it. */
export interface ForgetRequest extends ForgetSelector {
  /** Ticket number or other name of the request. */
  readonly reference: string;
  /** When it was received: `2025-11-23`. */
  readonly date?: string | undefined;
  /** Legal basis: `GDPR Art. 17(1)(b)`. */
  readonly basis?: string | undefined;
}

/** Everything to forget in one run. */
export interface ForgetSpec extends ForgetSelector {
  readonly requests?: readonly ForgetRequest[] | undefined;
}

/** What to do with retained records that are exactly equal to a forgotten one and of which no decision speaks; `refuse`: the run stops until each is decided. */
export type DuplicatePolicy = 'refuse' | 'forget' | 'keep';

/** Which kept records to list because they resemble a forgotten one, in any of the ways given, and what to do with them. */
export interface NearDuplicateSpec {
  /** No scaled feature differs by more than this. */
  readonly tolerance?: number | undefined;
  /** The perceptual hashes of the images differ in at most this many of 64 bits. */
  readonly imageBits?: number | undefined;
  /** The texts of this column have the same words, whatever their case, punctuation and spacing. */
  readonly text?: string | undefined;
  readonly policy: DuplicatePolicy;
}

/** How a kept record was found: it is exactly equal to a forgotten one, or near it in one of the ways of `NearDuplicateSpec`. */
export type DuplicateKind = 'exact' | 'numeric' | 'image' | 'text';

export type Decision = 'forget' | 'keep';

/** What to do with the kept records that equal or resemble one forgotten record, or with single ones among them. */
export interface DecisionEntry {
  /** Only of this kind; of any unless given. */
  readonly kind?: DuplicateKind | undefined;
  /** The forgotten record that they equal or resemble. Together with `records`: only if the group consists of just these. */
  readonly group?: number | undefined;
  /** Kept records by number, and inclusive ranges. They go before what is decided of their group. */
  readonly records?: readonly (number | string)[] | undefined;
  /** Null: not decided yet. */
  readonly decision: Decision | null;
}
