import type { PacketColumns } from './packet-columns.ts';
import { COPY, firstsOf, nameOf, pairRounds, type SameName, UNPAIRED } from './rounds.ts';

/** Which packet is which at two points. */
export interface PairedPackets {
  /** For each packet of the one the place of the same packet in the other; -1 for none, -2 for a further copy. */
  ofA: Int32Array;
  /** The same for the other. */
  ofB: Int32Array;
  pairs: number;
  /** Numbers or timestamps were moved, or made anew, on the way. */
  renumbered: boolean;
}

/** Share of packets known by content that must be moved alike. */
const SHIFT_SHARE = 0.5;

interface Shift {
  /** Headers pass unchanged. */
  same: boolean;
  sequence: number;
  timestamp: number;
}

/**
 * Pairs the packets of one stream at two points: by number and timestamp, each moved as most are. Where headers were made
 * anew, then also by content and timestamp, and by content that neither has twice. Every packet is paired once; its copies
 * are told apart.
 */
export function pairPackets(a: PacketColumns, b: PacketColumns): PairedPackets {
  const ofA = firstsOf(a);
  const ofB = firstsOf(b);
  const shift = shiftOf(a, b, ofA, ofB);
  const paired: PairedPackets = { ofA, ofB, pairs: 0, renumbered: false };
  passByNumber(paired, a, b, shift);
  // Where headers pass unchanged, what has no partner was lost, however much its silence sounds like another's.
  if (shift.same) return paired;
  const byNumber = paired.pairs;
  pass(paired, a, b, (columns, at, isA) => {
    const timestamp = (columns.timestamp[at]! + (isA ? shift.timestamp : 0)) | 0;
    return contentKey(columns.content[at]!, timestamp);
  });
  pass(paired, a, b, (columns, at) => contentKey(columns.content[at]!, 0));
  paired.renumbered = shift.sequence !== 0 || shift.timestamp !== 0 || paired.pairs > byNumber;
  return paired;
}

/** A number of 64 bits, of which a double keeps 53: enough to tell packets of one stream apart. NaN is no key. */
function contentKey(content: number, timestamp: number): number {
  return content === 0 ? Number.NaN : (timestamp >>> 0) * 0x20_0000 + ((content >>> 0) % 0x1f_ffff);
}

/** Pairs what has the same number and timestamp at both points; of several rounds by time. */
function passByNumber(paired: PairedPackets, a: PacketColumns, b: PacketColumns, shift: Shift): void {
  const ofA = namesOf(a, paired.ofA, shift);
  const ofB = namesOf(b, paired.ofB, { sequence: 0, timestamp: 0 });
  const names: SameName[] = [];
  const isRepeated = ofA.isRepeated || ofB.isRepeated;
  for (const [name, places] of ofA.names) {
    const others = ofB.names.get(name);
    if (others === undefined) continue;
    if (isRepeated) names.push({ ofA: [places].flat(), ofB: [others].flat() });
    else join(paired, places as number, others as number);
  }
  pairRounds(names, a, b, (at, other) => join(paired, at, other));
}

interface Names {
  /** Nearly every name is in one place, which needs no list. */
  names: Map<number, number | number[]>;
  isRepeated: boolean;
}

/** The places of all that is no copy, by number and timestamp. */
function namesOf(
  { count, sequence, timestamp }: PacketColumns,
  places: Int32Array,
  shift: Omit<Shift, 'same'>,
): Names {
  const names = new Map<number, number | number[]>();
  let isRepeated = false;
  for (let at = 0; at < count; at++) {
    if (places[at] !== UNPAIRED) continue;
    const name = nameOf((sequence[at]! + shift.sequence) & 0xffff, (timestamp[at]! + shift.timestamp) | 0);
    const known = names.get(name);
    if (known === undefined) {
      names.set(name, at);
      continue;
    }
    isRepeated = true;
    if (typeof known === 'number') names.set(name, [known, at]);
    else known.push(at);
  }
  return { names, isRepeated };
}

function join(paired: PairedPackets, at: number, other: number): void {
  paired.ofA[at] = other;
  paired.ofB[other] = at;
  paired.pairs++;
}

type KeyOf = (columns: PacketColumns, at: number, isA: boolean) => number;

/** Pairs what is unpaired on both sides and has the same key, where the key names one packet on each side. */
function pass(paired: PairedPackets, a: PacketColumns, b: PacketColumns, keyOf: KeyOf): void {
  if (paired.ofA.every((place) => place !== UNPAIRED)) return;
  const byKey = new Map<number, number>();
  for (let at = 0; at < b.count; at++) {
    if (paired.ofB[at] !== UNPAIRED) continue;
    const key = keyOf(b, at, false);
    if (!Number.isNaN(key)) byKey.set(key, byKey.has(key) ? UNPAIRED : at);
  }
  const wanted = new Map<number, number>();
  for (let at = 0; at < a.count; at++) {
    if (paired.ofA[at] !== UNPAIRED) continue;
    const key = keyOf(a, at, true);
    if (byKey.has(key)) wanted.set(key, wanted.has(key) ? UNPAIRED : at);
  }
  for (const [key, at] of wanted) {
    const other = byKey.get(key)!;
    if (at < 0 || other < 0) continue;
    join(paired, at, other);
  }
}

/** By how much numbers and timestamps of the one are moved in the other; nothing where headers agree. */
function shiftOf(a: PacketColumns, b: PacketColumns, ofA: Int32Array, ofB: Int32Array): Shift {
  const numbers = new Set<number>();
  for (let at = 0; at < b.count; at++) numbers.add(nameOf(b.sequence[at]!, b.timestamp[at]!));
  let same = 0;
  for (let at = 0; at < a.count; at++) if (numbers.has(nameOf(a.sequence[at]!, a.timestamp[at]!))) same++;
  if (same >= SHIFT_SHARE * Math.min(a.count, b.count)) return { same: true, sequence: 0, timestamp: 0 };
  const known = uniqueContents(b, ofB);
  const steps = new Map<number, number>();
  const stamps = new Map<number, number>();
  let compared = 0;
  for (const [content, at] of uniqueContents(a, ofA)) {
    const other = known.get(content);
    if (other === undefined) continue;
    compared++;
    count(steps, (b.sequence[other]! - a.sequence[at]!) & 0xffff);
    count(stamps, (b.timestamp[other]! - a.timestamp[at]!) | 0);
  }
  return { same: false, sequence: mostly(steps, compared), timestamp: mostly(stamps, compared) };
}

/** Packets whose content no other packet of the stream has. */
function uniqueContents({ count, content }: PacketColumns, places: Int32Array): Map<number, number> {
  const unique = new Map<number, number>();
  for (let at = 0; at < count; at++) {
    const name = content[at]!;
    if (name !== 0 && places[at] !== COPY) unique.set(name, unique.has(name) ? UNPAIRED : at);
  }
  for (const [name, at] of unique) if (at === UNPAIRED) unique.delete(name);
  return unique;
}

function count(counts: Map<number, number>, value: number): void {
  counts.set(value, (counts.get(value) ?? 0) + 1);
}

function mostly(counts: ReadonlyMap<number, number>, total: number): number {
  for (const [value, times] of counts) if (times > SHIFT_SHARE * total) return value;
  return 0;
}
