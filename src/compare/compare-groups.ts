import type { TimeZone } from '../report/search/time-zone.ts';
import type { CallSample } from './call-sample.ts';
import { CALLS_MIN, changesBetween, FAMILY_LEVEL } from './changes.ts';
import type { GroupsComparison } from './contract.ts';
import { type Grouping, groupsOf } from './groupings.ts';
import { PERMUTATIONS } from './permutation.ts';

/** Groups that are compared, the largest ones: all hours of a day. Every one more makes all claims harder. */
export const GROUPS_MAX = 24;
/** Names of groups that are counted; calls of further ones are in none. */
export const GROUP_NAMES_MAX = 20_000;
/** Dealings for each group: four times as many as the level of one group needs at least. */
const DEALINGS_PER_GROUP = 400;

export interface GroupsOptions {
  by: Grouping;
  zone: TimeZone;
  isDoubted: boolean;
}

interface Members {
  a: CallSample[];
  b: CallSample[];
}

/**
 * The comparison of each group of calls for itself: calls are dealt out within their group, so that a group that only grew
 * has not changed. A claim holds beside all figures of all groups: within a group as in every comparison, over the groups
 * by Bonferroni's correction, which needs no more than that there are so many of them. Which groups are looked at goes by
 * their calls on both sides together.
 */
export function compareGroups(
  a: readonly CallSample[],
  b: readonly CallSample[],
  { by, zone, isDoubted }: GroupsOptions,
): GroupsComparison {
  const members = new Map<string, Members>();
  const callsWithout = { a: 0, b: 0 };
  for (const [side, calls] of [['a', a] as const, ['b', b] as const])
    for (const call of calls) {
      const names = groupsOf(call, by, zone).filter((name) => known(members, name));
      if (names.length === 0) callsWithout[side]++;
      for (const name of names) members.get(name)![side].push(call);
    }
  const size = (group: Members): number => group.a.length + group.b.length;
  const ordered = [...members].sort(([x, one], [y, two]) => size(two) - size(one) || (x < y ? -1 : 1));
  // Of a group that is small on both sides nothing could be said; one that is new, or gone, is shown.
  const large = ordered.filter(([, { a, b }]) => Math.max(a.length, b.length) >= CALLS_MIN);
  const looked = large.slice(0, GROUPS_MAX);
  if (by === 'hour') looked.sort(([x], [y]) => (x < y ? -1 : 1));
  const families = Math.max(1, looked.filter(([, group]) => isEnough(group)).length);
  const permutations = Math.max(PERMUTATIONS, DEALINGS_PER_GROUP * families - 1);
  return {
    ...{ by, timeZone: zone.name, correction: 'Bonferroni over groups' },
    ...{ familyLevel: FAMILY_LEVEL, permutations },
    groups: looked.map(([name, group]) => ({
      name,
      callsA: group.a.length,
      callsB: group.b.length,
      changes: changesBetween(group.a, group.b, { isDoubted, permutations, families }).changes,
    })),
    furtherGroups: ordered.length - looked.length,
    callsWithout,
  };
}

/** Whether a name has its members, or could be given some. */
function known(members: Map<string, Members>, name: string): boolean {
  if (members.has(name)) return true;
  if (members.size >= GROUP_NAMES_MAX) return false;
  members.set(name, { a: [], b: [] });
  return true;
}

function isEnough({ a, b }: Members): boolean {
  return a.length >= CALLS_MIN && b.length >= CALLS_MIN;
}

/** What makes it hard to say something by groups, in words. */
export function groupNotes({ by, groups, callsWithout, furtherGroups }: GroupsComparison): string[] {
  const notes: string[] = [];
  const { a, b } = callsWithout;
  if (furtherGroups > 0)
    notes.push(
      `by ${by}: ${furtherGroups} further groups are not compared (fewer than ${CALLS_MIN} calls on either side, or smaller than the ${GROUPS_MAX} largest)`,
    );
  const isConfigured = by === 'site' || by === 'trunk' || by === 'direction';
  const why = isConfigured ? '; it is told where groups are configured (docs/configuration.md)' : '';
  if (groups.length + furtherGroups === 0 && a + b > 0) notes.push(`no call has a known ${by}${why}`);
  else if (a + b > 0) notes.push(`${a} calls of A and ${b} of B have no known ${by}`);
  return notes;
}
