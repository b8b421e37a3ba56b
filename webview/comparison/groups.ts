/** One thing that two certificates, or two runs, say: as text; undefined where one does not say it. */
export interface Row {
  readonly label: string;
  readonly left: string | undefined;
  readonly right: string | undefined;
  /** Differs in every two, by a salt or by the time: whether it is the same says nothing. */
  readonly always?: boolean;
}

export interface Group {
  readonly title: string;
  readonly rows: readonly Row[];
}

export function differs({ left, right, always = false }: Row): boolean {
  return !always && left !== right;
}

/** Rows from two sides that are read in the same way; those that neither has are left out. */
export function rowsOf<T>(pair: readonly [T, T], readers: readonly (readonly [label: string, read: (side: T) => string | undefined, always?: boolean])[]): readonly Row[] {
  return readers.map(([label, read, always = false]): Row => ({ label, left: read(pair[0]), right: read(pair[1]), always })).filter(({ left, right }) => left !== undefined || right !== undefined);
}

/** JSON as rows by the path of each value: `method.steps`. Lists of plain values are one value. */
export function flattened(value: unknown, path = ''): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null || isPlainList(value)) return value === undefined ? new Map() : new Map([[path, typeof value === 'string' ? value : JSON.stringify(value)]]);
  return new Map(Object.entries(value).flatMap(([key, inner]) => [...flattened(inner, path === '' ? key : `${path}.${key}`)]));
}

function isPlainList(value: object): boolean {
  return Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null);
}
