import { counted, grouped } from './amounts.ts';
import type { RecordStore } from './record-store.ts';

/** Noise has this many packets at most: what nobody announced must prove itself with more. */
const PACKETS_MAX = 4;
/** Fewer such streams of one call have rows of their own. */
const FOLDED_MIN = 5;
/** Lines of them; what is beyond these is one line more. */
const LINES_MAX = 5;

/** Streams that are worth a row each, and what is said of the others. */
export interface Unfolded {
  streams: number[];
  folded: number;
  lines: string[];
}

/**
 * Takes streams of a handful of packets each out of a list, where one call has many to one address: anybody can send to an
 * announced port, and such a row says nothing. Those with a critical finding stay.
 */
export function unfolded(records: RecordStore, streams: Iterable<number>): Unfolded {
  const rest: number[] = [];
  const groups = new Map<string, { callId: string; dstIp: string; streams: number[] }>();
  for (const stream of streams) {
    const { id, callId, dstIp, packets } = records.streams.summary(stream);
    rest.push(stream);
    if (callId === null || packets > PACKETS_MAX || records.criticalCount(id) > 0) continue;
    const key = `${dstIp} ${callId}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { callId, dstIp, streams: [stream] });
    else group.streams.push(stream);
  }
  const many = [...groups.values()].filter((group) => group.streams.length >= FOLDED_MIN);
  if (many.length === 0) return { streams: rest, folded: 0, lines: [] };
  const gone = new Set(many.flatMap((group) => group.streams));
  const lines = many.slice(0, LINES_MAX).map((group) => {
    const sources = new Set(group.streams.map((stream) => records.streams.summary(stream).srcIp)).size;
    const from = sources === 1 ? '1 address' : `${grouped(sources)} addresses`;
    return `${callName(records, group.callId)}: ${counted(group.streams.length, 'stream')} of at most ${PACKETS_MAX} packets each from ${from} to ${group.dstIp} (--csv streams lists them)`;
  });
  const left = many.length - lines.length;
  if (left > 0) lines.push(`the same ${counted(left, 'time')} more`);
  return { streams: rest.filter((stream) => !gone.has(stream)), folded: gone.size, lines };
}

function callName(records: RecordStore, callId: string): string {
  return records
    .callsNamed(callId)
    .map((call) => records.calls.summary(call).id)
    .join(', ');
}
