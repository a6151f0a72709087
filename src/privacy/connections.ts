import { latin1, putLatin1 } from './octets.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import type { Blanked } from './sip-text.ts';
import { maskStream } from './stream-text.ts';

/** Octets of all connections that are held while their packets are masked; what is beyond is blanked. */
const HELD_MAX = 256 << 20;

/** Octets of a connection without a hole, as they were and then as they are to be. */
interface Run {
  start: number;
  bytes: Uint8Array;
}

/**
 * SIP over TCP: a name may lie across two segments, so that connections are put together before they are masked. Every
 * segment is given once to `collect`, and then, in any order, to `mask`.
 */
export class Connections {
  /** Octets that were no SIP message, and blanked. */
  blankedOctets = 0;
  private readonly segments = new Map<string, { at: number; bytes: Uint8Array }[]>();
  private readonly firsts = new Map<string, number>();
  private runs = new Map<string, Run[]>();
  private held = 0;

  /** Takes the payload of a segment. */
  collect(flow: string, sequence: number, payload: Uint8Array): void {
    if (payload.length === 0 || this.held + payload.length > HELD_MAX) return;
    this.held += payload.length;
    const first = this.firsts.get(flow) ?? sequence;
    this.firsts.set(flow, first);
    const list = this.segments.get(flow) ?? [];
    this.segments.set(flow, list);
    list.push({ at: (sequence - first) | 0, bytes: payload.slice() });
  }

  /** Everything was collected. */
  prepare(names: Pseudonyms, blanked: Blanked): void {
    this.runs = new Map();
    this.blankedOctets = 0;
    for (const [flow, segments] of this.segments) {
      const runs = joined(segments);
      for (const { bytes } of runs) {
        const { text, octets } = maskStream(names, latin1(bytes, 0, bytes.length), blanked);
        this.blankedOctets += octets;
        putLatin1(bytes, 0, text);
      }
      this.runs.set(flow, runs);
    }
  }

  /** Masks the payload of a segment in place. */
  mask(flow: string, sequence: number, bytes: Uint8Array, start: number, end: number): void {
    const first = this.firsts.get(flow);
    const at = first === undefined ? 0 : (sequence - first) | 0;
    const run = this.runs
      .get(flow)
      ?.find((each) => each.start <= at && at + (end - start) <= each.start + each.bytes.length);
    if (run === undefined) bytes.fill(0x78, start, end);
    else bytes.set(run.bytes.subarray(at - run.start, at - run.start + (end - start)), start);
  }
}

/** Segments in order as pieces without holes; what came again is in them once. */
function joined(segments: { at: number; bytes: Uint8Array }[]): Run[] {
  const sorted = [...segments].sort((a, b) => a.at - b.at);
  const groups: { start: number; end: number; members: typeof sorted }[] = [];
  for (const segment of sorted) {
    const last = groups.at(-1);
    const end = segment.at + segment.bytes.length;
    if (last !== undefined && segment.at <= last.end) {
      last.members.push(segment);
      last.end = Math.max(last.end, end);
    } else groups.push({ start: segment.at, end, members: [segment] });
  }
  return groups.map(({ start, end, members }) => {
    const bytes = new Uint8Array(end - start);
    for (const member of members) bytes.set(member.bytes, member.at - start);
    return { start, bytes };
  });
}
