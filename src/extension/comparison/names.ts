/** Two paths as people tell them apart: without the folders that both begin with, and without what all certificates end in. */
export function distinctNames(left: string, right: string): readonly [string, string] {
  const parts = [left, right].map((path) => path.replace(/\.unlearning-certificate\.json$/, '').split('/'));
  const [a = [], b = []] = parts;
  let common = 0;
  while (common < Math.min(a.length, b.length) - 1 && a[common] === b[common]) common++;
  return [a.slice(common).join('/'), b.slice(common).join('/')];
}
