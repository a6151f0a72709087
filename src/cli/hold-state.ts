import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { isoMicros } from '../report/iso-time.ts';
import { fullSince } from '../store/held-room.ts';
import type { Hold } from '../store/hold.ts';
import { type Missing, type MissingReason, missingOf, type Stretch } from '../store/hold-coverage.ts';
import { covers, endOf, Holds, type StandingHold } from '../store/holds.ts';
import { type HeldKind, PACKETS_MOST_US, type Segment, segmentsIn } from '../store/segment.ts';
import { StoreError } from '../store/segment-files.ts';

/** Where a probe keeps packets, or what it tells. */
export interface HoldPlace {
  kind: HeldKind;
  directory: string;
}

/** What a hold has of one place. */
export interface HeldPart extends HoldPlace {
  standing: StandingHold;
  /** Files that are held, and octets in them. */
  files: number;
  bytes: number;
  /** Of its time, as far as names of files tell: to within a minute. */
  missing: Missing[];
}

/** A hold on what a probe keeps: a part for each place where it is marked. */
export interface HeldState {
  name: string;
  /** Null where its markers cannot be read. */
  hold: Hold | null;
  parts: HeldPart[];
}

/** All holds of some places, by name. @throws {StoreError} when a place cannot be read */
export async function heldStates(places: readonly HoldPlace[], nowUs: number): Promise<HeldState[]> {
  const states = new Map<string, HeldState>();
  for (const place of places) {
    const { directory, kind } = place;
    const segments = segmentsOf(directory, kind);
    for (const standing of await new Holds(directory, kind).all()) {
      const { name, hold } = standing;
      const state = states.get(name) ?? { name, hold, parts: [] };
      state.hold ??= hold;
      state.parts.push(await partOf(place, standing, segments, nowUs));
      states.set(name, state);
    }
  }
  return [...states.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Holds what there is by now of a hold's time, in every place where it is marked. */
export async function gatherHeld({ parts }: HeldState): Promise<void> {
  for (const { directory, kind, standing } of parts)
    await new Holds(directory, kind).gather(standing, segmentsOf(directory, kind));
}

/** The segments of a directory. @throws {StoreError} */
export function segmentsOf(directory: string, kind: HeldKind): Segment[] {
  try {
    return segmentsIn(directory, kind);
  } catch (cause) {
    throw new StoreError(`${directory} cannot be read`, cause);
  }
}

/** What a hold is about until now. */
export function spanUntil({ fromUs, toUs }: Hold, nowUs: number): Stretch {
  return { fromUs, toUs: Math.max(fromUs, Math.min(toUs ?? nowUs, nowUs)) };
}

async function partOf(
  place: HoldPlace,
  standing: StandingHold,
  segments: readonly Segment[],
  nowUs: number,
): Promise<HeldPart> {
  const { hold, path } = standing;
  const held = segmentsOf(path, place.kind);
  const bytes = held.reduce((sum, segment) => sum + segment.bytes, 0);
  const part = { ...place, standing, files: held.length, bytes, missing: [] };
  if (hold === null) return part;
  const fullUs = await fullSince(path);
  const span = spanUntil(hold, nowUs);
  // There may be no bad call for days.
  if (place.kind === 'calls') {
    const limit = {
      fromUs: Math.min(fullUs ?? span.toUs, span.toUs),
      toUs: span.toUs,
      reason: 'limit' as const,
    };
    return { ...part, missing: fullUs === null ? [] : [limit] };
  }
  const known = new Set(held.map((segment) => basename(segment.path)));
  // What still is where it was written is not held yet, and will be before it goes.
  const waiting = segments.filter((segment, i) => {
    const isIn = covers(hold, segment, endOf(segments, i, place.kind), place.kind);
    return isIn && !known.has(basename(segment.path));
  });
  const all = [...held, ...waiting.filter(({ startUs }) => fullUs === null || startUs < fullUs)];
  all.sort((a, b) => a.startUs - b.startUs);
  return { ...part, missing: missingOf(span, stretchesOf(all, place.kind), fullUs) };
}

/** From when to when segments go, by what the file system knows: one is written until the next begins, or not so long. */
function stretchesOf(segments: readonly Segment[], kind: HeldKind): Stretch[] {
  return segments.map(({ path, startUs }, i) => {
    const writtenUs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const bounds = [segments[i + 1]?.startUs ?? Number.POSITIVE_INFINITY];
    if (kind === 'pcapng') bounds.push(startUs + PACKETS_MOST_US);
    // Of a recording that is fed, packets are stamped at another time than they are written.
    if (writtenUs * 1000 >= startUs) bounds.push(writtenUs * 1000);
    return { fromUs: startUs, toUs: Math.max(startUs, Math.min(...bounds)) };
  });
}

/** What is missing, for programs; times are ISO 8601. */
export interface ReportedMissing {
  from: string | null;
  to: string | null;
  durationMs: number;
  reason: MissingReason;
}

/** What is missing, for programs. */
export function reportedMissing(missing: readonly Missing[]): ReportedMissing[] {
  return missing.map(({ fromUs, toUs, reason }) => ({
    from: isoMicros(fromUs),
    to: isoMicros(toUs),
    durationMs: Math.round((toUs - fromUs) / 1000),
    reason,
  }));
}
