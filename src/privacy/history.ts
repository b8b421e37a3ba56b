/**
 * Composition over time: a model is unlearned, released, and later unlearned again because of another request. What is guaranteed then depends on the records
 * and on the model that each run started from.
 */
import { composed } from './compose';
import { PrivacyError } from './privacy-error';
import { curveProfile, gaussianProfile, type PrivacyProfile } from './profile';

/** One request and the model released in answer to it. Requests add up: the run of release i uses no record of the requests 0…i. */
export interface Release {
  /** For people: `2026-03 request`. */
  readonly name: string;
  /** The parameters that the run started from: the original model, or an earlier release by its position. */
  readonly startsFrom: 'original' | number;
  /** What the run alone guarantees, all against the same reference. */
  readonly profile: PrivacyProfile;
}

/** What holds for the records of one request, after all releases. */
export interface RequestGuarantee {
  readonly request: string;
  /** For someone who sees the latest release only. */
  readonly latest: PrivacyProfile;
  /** For someone who sees every release since the request. */
  readonly together: PrivacyProfile;
  /** The positions of the runs whose noise is paid for in `together`; other releases since are post-processing of these. */
  readonly paid: readonly number[];
  /** Both guarantees, and what they leave out, in words. */
  readonly statement: string;
}

/**
 * The guarantees for each request, in order.
 *
 * A run's own guarantee covers everything that its records R leave out, so it covers all requests up to its own. Let j ≥ i be a release since request i:
 * - started from a release k ≥ i, it sees of request i's records only what release k shows: post-processing, at no cost;
 * - started from the original, or from a release before request i, it reads parameters that those records have touched: it costs its own profile, with noise
 *   independent of all other runs, and such runs compose (for Gaussian DP, μ² = Σ μ_j²).
 * The latest release alone costs the least of its own profile and those of the releases since request i that it descends from.
 * Releases before the request, and the original model, are covered by nothing: they were made when the records were in use.
 * Throws `malformed` where a release starts from itself or a later one.
 */
export function guaranteesOver(releases: readonly Release[]): readonly RequestGuarantee[] {
  for (const [index, { startsFrom }] of releases.entries()) {
    if (startsFrom !== 'original' && !(Number.isInteger(startsFrom) && startsFrom >= 0 && startsFrom < index)) {
      throw new PrivacyError('malformed', `a release starts from the original model or from an earlier release, not from ${startsFrom}`, { field: `releases[${index}].startsFrom`, remedy: 'Write the number of a release before it, counted from 0; in JSON, leave startsFrom out for the original model.' });
    }
  }
  return releases.map((release, request) => guaranteeFor(releases, release, request));
}

function guaranteeFor(releases: readonly Release[], { name }: Release, request: number): RequestGuarantee {
  const since = [...releases.entries()].slice(request);
  const paid = since.filter(([, { startsFrom }]) => startsFrom === 'original' || startsFrom < request).map(([index]) => index);
  const lineage = lineageOf(releases, request);
  const profiles = (positions: readonly number[]): PrivacyProfile[] => positions.flatMap((position) => releases[position]?.profile ?? []);
  return {
    request: name,
    latest: leastOf(profiles(lineage)),
    together: composed(profiles(paid)),
    paid,
    statement: statementFor(releases, request, paid),
  };
}

/** The last release and those that it descends from, as far back as the request. */
function lineageOf(releases: readonly Release[], request: number): readonly number[] {
  const lineage: number[] = [];
  let position: number | 'original' = releases.length - 1;
  while (position !== 'original' && position >= request) {
    lineage.push(position);
    position = releases[position]?.startsFrom ?? 'original';
  }
  return lineage;
}

/** Each of several guarantees holds for the same result, so at every ε the least δ does. */
function leastOf(profiles: readonly PrivacyProfile[]): PrivacyProfile {
  const gaussian = profiles.flatMap(({ mu }) => mu ?? []);
  if (gaussian.length === profiles.length) return gaussianProfile(Math.min(...gaussian));
  const mu = gaussian.length === 0 ? undefined : Math.min(...gaussian);
  return curveProfile((epsilon) => Math.min(...profiles.map((profile) => profile.logDelta(epsilon))), mu);
}

function statementFor(releases: readonly Release[], request: number, paid: readonly number[]): string {
  const nameOf = (position: number): string => `“${releases[position]?.name ?? ''}”`;
  const free = releases.flatMap((_, position) => (position > request && !paid.includes(position) ? [position] : []));
  return [
    `For the records of ${nameOf(request)}: the latest release alone and all releases since that request together are covered as stated.`,
    paid.length === 1
      ? `Only the run of ${nameOf(request)} read parameters that these records had touched.`
      : `The runs of ${paid.map(nameOf).join(', ')} read parameters that these records had touched, each with noise of its own, and compose.`,
    ...(free.length === 0 ? [] : [`${free.map(nameOf).join(', ')} started from a release that was already covered, and cost nothing more.`]),
    request === 0
      ? 'The original model, and whatever was made of it before the request, is not covered.'
      : `The original model and the releases before the request (${releases.slice(0, request).map((_, position) => nameOf(position)).join(', ')}) were made while these records were in use and are not covered.`,
  ].join(' ');
}
