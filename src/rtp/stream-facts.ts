import { LEVELS_MAX, type PacketView, tunnelAt, VLANS_KEPT, vlanAt } from '../packet/view.ts';
import { notePathMark } from './happenings.ts';
import { type PayloadFormat, staticFormat } from './payload-types.ts';
import type { StreamNotes, StreamTable } from './stream-table.ts';

/**
 * The format of the primary block of a redundant payload (RFC 2198: `fmtp` lists the payload types, the primary one
 * first); any other format as it is. Parity streams are noted, too.
 */
export function withoutRedundancy(notes: StreamNotes, format: PayloadFormat): PayloadFormat {
  const name = format.name.toLowerCase();
  if (name !== 'red' && name !== 'ulpfec' && name !== 'flexfec') return format;
  if (!notes.redundancy.includes(name)) notes.redundancy = [...notes.redundancy, name];
  const primary = /^\d{1,3}/.exec(format.fmtp ?? '');
  if (name !== 'red' || primary === null) return format;
  const payloadType = Number(primary[0]);
  return notes.formats?.(payloadType) ?? staticFormat(payloadType) ?? format;
}

/** Keeps DSCP, TTL and VLAN of a packet that came another way than the one before. */
export function noteNetwork(table: StreamTable, slot: number, view: PacketView): void {
  const notes = table.notesOf(slot);
  if (notes.input < 0) notes.input = view.input;
  notePathMark(table, slot, view.timeUs, view.tos, view.ttl);
  if (view.tos >= 0) notes.tos = withValue(notes.tos, view.tos);
  if (view.ttl >= 0) notes.ttl = withValue(notes.ttl, view.ttl);
  if (view.path !== 0) notePath(notes, view);
}

/** Notes a copy made by the mirror, `delayUs` after the packet itself. */
export function noteCopy(notes: Pick<StreamNotes, 'copies'>, view: PacketView, delayUs: number): void {
  notes.copies ??= { packets: 0, ttl: [], delayUs: 0 };
  notes.copies.packets++;
  notes.copies.delayUs += delayUs;
  if (view.ttl >= 0) notes.copies.ttl = withValue(notes.copies.ttl, view.ttl);
}

/** VLAN tags and tunnels. A stream that is seen on several ways keeps the first one's tunnels, then what others add. */
function notePath(notes: StreamNotes, view: PacketView): void {
  for (let i = 0; i < VLANS_KEPT; i++) {
    const id = vlanAt(view, i);
    if (id >= 0) notes.vlans = withValue(notes.vlans, id);
  }
  const first = notes.encapsulation.length === 0;
  for (let i = 0; i < LEVELS_MAX; i++) {
    const kind = tunnelAt(view, i);
    if (kind > 0 && (first || !notes.encapsulation.includes(kind))) {
      notes.encapsulation = [...notes.encapsulation, kind];
    }
  }
  if (notes.tunnel !== null || notes.encapsulation.length === 0) return;
  const addressed = view.outerKnown === 1;
  notes.tunnel = {
    id: view.tunnelId,
    src: addressed ? Int32Array.of(view.outerSrc0, view.outerSrc1, view.outerSrc2, view.outerSrc3) : null,
    dst: addressed ? Int32Array.of(view.outerDst0, view.outerDst1, view.outerDst2, view.outerDst3) : null,
  };
}

/** There are 128 payload types; of the others nobody needs more to see that something is wrong. */
const DISTINCT_MAX = 128;

/** Arrays of just the right size, not sets: nearly every stream has one value of each, and there are many streams. */
export function withValue(values: readonly number[], value: number): readonly number[] {
  if (values.length === 0) return [value];
  return values.length >= DISTINCT_MAX || values.includes(value) ? values : [...values, value];
}
