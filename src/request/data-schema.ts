import { z } from 'zod';

/** The part of the request file that says where the records are and whom to forget. */

const path = z.string().min(1).max(4096);
const count = z.int().positive();

const oneOrEach = z.union([z.number(), z.array(z.number()).min(1)]);
const scale = z.strictObject({
  subtract: oneOrEach.optional().describe('Subtracted from every feature: one number, or one a feature.'),
  divide: oneOrEach.optional().describe('Divides every feature after that: 255 for 8-bit images.'),
}).describe('Scaling of the features, given by you and the same for every record. Computing it from all the data would leak.');

const common = {
  labelKind: z.enum(['class', 'value']).optional().describe('class: labels are classes. value: labels are numbers to predict.'),
  classes: z.array(z.union([z.string(), z.number()])).min(1).optional().describe('The labels as they stand in the data, in the order of the outputs of the model.'),
  scale: scale.optional(),
  standardize: z.boolean().optional().describe('Brings every feature to mean 0 and standard deviation 1, computed on the records that are kept and on no others.'),
  shape: z.array(count).optional().describe('Shape of the features of one record, where the model wants another one than the data has.'),
};

const paths = z.union([path, z.array(path).min(1)]);

const arraySource = z.strictObject({
  format: z.enum(['idx', 'npy', 'npz', 'hdf5', 'png', 'cifar10', 'cifar100'])
    .describe('idx: the MNIST format, plain or .gz. npy, npz: NumPy arrays. hdf5: datasets of an HDF5 file. png: every row of pixels is a record. cifar10, cifar100: the binary files with their labels.'),
  features: paths.describe('The array of features; its first dimension counts the records. Several files follow one another; * and ? match names.'),
  featuresKey: z.string().optional().describe('Name of the array in an .npz, of the dataset in an HDF5 file.'),
  labels: paths.optional().describe('The array of labels: IDX, NumPy, HDF5 or a JSON array.'),
  labelsKey: z.string().optional().describe('Name of the array of labels, where the file has several.'),
  records: path.optional().describe('A table (.csv, .tsv, .parquet, .jsonl) with one row a record, in the same order, that says whose each record is.'),
  ...common,
});

const tokens = {
  length: count.max(1_000_000).optional().describe('How many tokens.'),
  padding: z.enum(['start', 'end']).optional().describe('Where texts that are too short are filled up. As the tokenizer\'s file says, unless given.'),
  cut: z.enum(['start', 'end']).optional().describe('Where texts that are too long are cut off. As the tokenizer\'s file says, unless given.'),
};

const featureColumn = z.union([
  z.string().min(1),
  z.strictObject({ column: z.string().min(1), oneHot: z.union([z.array(z.union([z.string(), z.number()])).min(1), count]).describe('The categories, one feature each; a number n stands for the integers 0 to n - 1.') }),
  z.strictObject({
    column: z.string().min(1),
    buckets: count.max(1_000_000).describe('Counts the words of a text in so many buckets, by a fixed hash: no vocabulary is needed.'),
    as: z.enum(['counts', 'binary']).optional().describe('counts: how often words of a bucket occur. binary: whether any does.'),
  }),
  z.strictObject({
    column: z.string().min(1),
    vocabulary: path.describe('The words that the model was trained with: one a line, or a JSON array.'),
    as: z.enum(['counts', 'binary', 'tokens']).optional().describe('counts: how often each word occurs. binary: whether it does. tokens: the numbers of the first words.'),
    ...tokens,
  }),
  z.strictObject({
    column: z.string().min(1),
    tokenizer: path.describe('The tokenizer that the model was trained with: a tokenizer.json of Hugging Face, a SentencePiece model, or what Keras\' Tokenizer.to_json writes.'),
    as: z.enum(['tokens', 'counts', 'binary']).optional().describe('tokens: the numbers of so many tokens. counts: how often each token occurs. binary: whether it does.'),
    specialTokens: z.boolean().optional().describe('Whether tokens that the file puts around a text, such as [CLS], are among them. So for tokens, not for counts, unless given.'),
    ...tokens,
  }),
]);

const tableSource = z.strictObject({
  format: z.enum(['csv', 'tsv', 'parquet', 'jsonl', 'duckdb', 'sqlite', 'arrow']).describe('A table with one record a row. csv, tsv and jsonl may be compressed (.gz, .zst). arrow: an Arrow IPC file or stream, or Feather version 2.'),
  path: paths.describe('The table: a file, several, or a pattern such as part-*.csv.'),
  table: z.string().min(1).optional().describe('Which table of a duckdb or sqlite file.'),
  delimiter: z.string().min(1).optional().describe('Between the fields of a csv file: a comma unless given.'),
  label: z.string().min(1).describe('The column to predict.'),
  features: z.array(featureColumn).min(1).describe('The columns that the model reads, in its order; "pixel*" stands for all that begin so.'),
  ...common,
});

const imageSource = z.strictObject({
  format: z.literal('images').describe('PNG or JPEG images of one size.'),
  path: path.describe('A folder with one folder of images a class; or a table of paths and labels.'),
  image: z.string().min(1).optional().describe('The column of paths in the table: path unless given.'),
  label: z.string().min(1).optional().describe('The column of labels in the table: label unless given.'),
  channels: z.union([z.literal(1), z.literal(3)]).optional().describe('1 for grey, 3 for colours; as the first image unless given.'),
  ...common,
});

/** Where records are: mirrors `SourceSpec` of src/data. */
export const source = z.discriminatedUnion('format', [arraySource, tableSource, imageSource]).meta({ id: 'source' });

const selector = {
  rows: z.array(z.union([z.int().nonnegative(), z.string().regex(/^\d+-\d+$/, 'a range is written "first-last"')])).min(1).optional()
    .describe('Record numbers, counted from 0, and ranges of them: [3, "100-199"].'),
  ids: z.strictObject({
    column: z.string().min(1).describe('The column that holds the ids.'),
    values: z.array(z.union([z.string(), z.number()]).refine((id) => typeof id === 'string' || Math.abs(id) <= Number.MAX_SAFE_INTEGER, 'write ids beyond 2^53 in quotes: JSON reads such numbers as their neighbours'))
      .min(1).optional().describe('The ids themselves.'),
    file: path.optional().describe('A file of ids: .txt with one a line, or CSV or Parquet with a header.'),
    fileColumn: z.string().min(1).optional().describe('The column of the file that holds the ids.'),
    allowUnmatched: z.boolean().optional().describe('Accept ids that match no record. Refused unless this is true.'),
  }).optional().describe('Every record whose key is among the given ids.'),
  where: z.string().min(1).max(10_000).optional().describe('A SQL condition on the columns: "contributor = \'c17\'".'),
  equalTo: source.optional().describe('Records with exactly the features and label of those in another source: what a person handed in.'),
};

/** 2025-02-30 is written like a day and is none. */
function isDay(date: string): boolean {
  const day = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date);
}

/** Whom to forget: mirrors `ForgetSpec` of src/data. */
export const forget = z.strictObject({
  ...selector,
  requests: z.array(z.strictObject({
    reference: z.string().min(1).max(200).describe('Ticket number or other name of the request. It is printed on the certificate: no personal data.'),
    date: z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a date is written 2026-01-31').refine(isDay, 'is no day of the calendar').optional().describe('When it was received.'),
    basis: z.string().max(200).optional().describe('Legal basis.'),
    ...selector,
  })).min(1).optional().describe('Several requests in one run, each with its own reference.'),
}).refine((value) => Object.values(value).some((part) => part !== undefined), { message: 'says nothing to forget; give rows, ids, where or requests' })
  .describe('The records to forget: all that any of the given ways selects.');

/** Evaluation data: a source of their own, or a share of the training data. */
export const evaluation = z.union([source, z.strictObject({
  share: z.number().gt(0).lt(1).describe('This share of the kept records is set aside, by their content: not trained on, only measured with.'),
  seed: z.int().nonnegative().default(0),
})]);

/** Records that resemble a forgotten one: mirrors `NearDuplicateSpec` of src/data. */
export const nearDuplicates = z.strictObject({
  tolerance: z.number().nonnegative().optional().describe('Finds records of which no scaled feature differs by more than this.'),
  imageBits: z.int().min(0).max(64).optional().describe('Finds images whose perceptual hashes differ in at most this many of 64 bits.'),
  text: z.string().min(1).optional().describe('Finds records that have the same words in this column.'),
  policy: z.enum(['refuse', 'forget', 'keep']).describe('What to do with those of which decisions does not speak. refuse: stop until each is decided.'),
}).refine(({ tolerance, imageBits, text }) => tolerance !== undefined || imageBits !== undefined || text !== undefined, { path: ['policy'], message: 'looks for nothing; give tolerance, imageBits or text' })
  .describe('Also look for kept records that resemble a forgotten one.');

/** What is to become of duplicates, one by one: mirrors `DecisionEntry` of src/data. */
export const decisions = z.union([path, z.array(z.strictObject({
  kind: z.enum(['exact', 'numeric', 'image', 'text']).optional().describe('Only duplicates of this kind.'),
  group: z.int().nonnegative().optional().describe('The number of the forgotten record that they equal or resemble.'),
  records: z.array(z.union([z.int().nonnegative(), z.string().regex(/^\d+-\d+$/, 'a range is written "first-last"')])).min(1).optional()
    .describe('Numbers of the kept records. Together with a group: all of the group, or the decision does not count.'),
  decision: z.enum(['forget', 'keep']).nullable().describe('forget: forget them too. keep: they belong to someone else. null: not decided yet.'),
}).refine(({ group, records }) => group !== undefined || records !== undefined, { message: 'decides nothing; name a group or records' }))])
  .describe('What to do with copies and near duplicates of forgotten records, group by group: a list, or a JSON file that "certified-unlearning preview REQUEST --decisions FILE" writes. What it leaves open is decided by duplicates and nearDuplicates.policy.');
