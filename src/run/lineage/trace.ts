import { account } from '../../privacy/account';
import { guaranteesOver, type Release } from '../../privacy/history';
import type { Lineage, LineageCertificate, LineageOrigin, LineageRequest } from '../../protocol/certificate-messages';
import { originOf, type KnownRelease, type KnownSuccessor, type Origin } from './origin';

/** More releases of one model are not traced: the page would not say more. */
const maximum = 50;

interface Traced extends KnownRelease {
  readonly origin: Origin;
}

/**
 * The certificates that are about the same model as one of them, oldest first, and what they guarantee together for the records of each request; see
 * `guaranteesOver`. A run whose start is not known is taken to have started from the original, which never promises too much.
 * `nameOf` says how a path is shown.
 */
export async function traceLineage(current: string, releases: readonly KnownRelease[], successors: readonly KnownSuccessor[], nameOf: (path: string) => string): Promise<Lineage | undefined> {
  const traced: Traced[] = [];
  for (const release of releases) traced.push({ ...release, origin: await originOf(release, releases, successors) });
  const start = traced.find(({ path }) => path === current);
  if (start === undefined) return undefined;
  const family = familyOf(start, traced).sort((a, b) => finished(a) - finished(b)).slice(-maximum);
  const places = new Map(family.map(({ digest }, index) => [digest, index]));
  const { reference, delta } = start.statement.predicate.guarantee;
  const chain = family.map((release, index): Release => {
    const place = release.origin.kind === 'release' || release.origin.kind === 'successor' ? places.get(release.origin.digest) : undefined;
    return { name: release.path, startsFrom: place === undefined || place >= index ? 'original' : place, profile: account(release.statement.predicate.mechanism, reference) };
  });
  return {
    reference,
    delta,
    certificates: family.map((release): LineageCertificate => ({
      path: release.path,
      name: nameOf(release.path),
      finishedOn: release.statement.predicate.finishedOn,
      epsilon: release.statement.predicate.guarantee.epsilon,
      delta: release.statement.predicate.guarantee.delta,
      forgotten: release.statement.predicate.data.forget.count,
      current: release.digest === start.digest,
      origin: shown(release.origin, places, nameOf),
      successors: successors.filter(({ certificate }) => certificate === release.digest).map(({ path, training }) => ({ name: nameOf(path), training })),
    })),
    requests: guaranteesOver(chain).map(({ latest, together, paid }, index): LineageRequest => {
      const later = family.slice(index + 1).map((release, offset) => ({ place: index + 1 + offset, leaves: leavesOut(family[index], release) }));
      return {
        latest: latest.epsilon(delta),
        together: together.epsilon(delta),
        paid: [...paid],
        usedAgainBy: later.filter(({ leaves }) => leaves === false).map(({ place }) => place),
        notCompared: later.filter(({ leaves }) => leaves === undefined).map(({ place }) => place),
      };
    }),
  };
}

/** All that are reached from one by common originals, and by who started from whom. */
function familyOf(start: Traced, all: readonly Traced[]): Traced[] {
  const family = new Set([start]);
  const related = (a: Traced, b: Traced): boolean =>
    (a.origin.kind === 'original' && b.origin.kind === 'original' && a.origin.key === b.origin.key) || startedFrom(a, b) || startedFrom(b, a);
  for (const member of family) for (const other of all) if (related(member, other)) family.add(other);
  // The same certificate may lie in the workspace twice.
  return [...new Map([...family].reverse().map((release) => [release.digest, release])).values()];
}

function startedFrom({ origin }: Traced, { digest }: Traced): boolean {
  return (origin.kind === 'release' || origin.kind === 'successor') && origin.digest === digest;
}

function finished({ statement }: Traced): number {
  return Date.parse(statement.predicate.finishedOn);
}

function shown(origin: Origin, places: ReadonlyMap<string, number>, nameOf: (path: string) => string): LineageOrigin {
  switch (origin.kind) {
    case 'release':
    case 'successor': {
      const certificate = places.get(origin.digest);
      if (certificate === undefined) return { kind: 'unknown', why: 'elsewhere' };
      return origin.kind === 'release' ? { kind: 'certificate', certificate } : { kind: 'successor', certificate, name: nameOf(origin.path) };
    }
    case 'original': return { kind: 'original', name: nameOf(origin.path) };
    case 'unknown': return origin;
  }
}

/** Whether a later run left out what an earlier one forgot, by the numbers of the records in the same data; undefined where they cannot be compared. */
function leavesOut(earlier: KnownRelease | undefined, later: KnownRelease): boolean | undefined {
  if (earlier?.run === undefined || later.run === undefined) return undefined;
  const data = ({ base, request }: NonNullable<KnownRelease['run']>): string => JSON.stringify([base, request.data.train]);
  const total = ({ statement: { predicate } }: KnownRelease): number => predicate.data.forget.count + predicate.data.retain.count;
  if (data(earlier.run) !== data(later.run) || total(earlier) !== total(later)) return undefined;
  const forgotten = new Set(later.run.forgotten);
  return earlier.run.forgotten.every((record) => forgotten.has(record));
}
