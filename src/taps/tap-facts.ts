import type { CallRecord, Direction, FindingRecord, RecordSink, StreamRecord } from '../records/types.ts';
import { endpointText, ssrcText, type TapStream } from './tap-stream.ts';

/** Streams and calls of a tap whose records are remembered. */
export const FACTS_MAX = 65_536;

/** What the engine measured of a stream at one tap, as far as a comparison needs it. */
export interface StreamFacts {
  id: string;
  callId: string | null;
  direction: Direction | null;
  codec: string | null;
  ptimeMs: number | null;
  startUs: number;
  endUs: number;
  packets: number;
  expected: number;
  lost: number;
  pdvP95Ms: number | null;
  /** Of reports by the receiver: packets compared, and those lost behind the tap; null where there is no report. */
  reported: { compared: number; lostBehind: number } | null;
}

/** What is known of a call at one tap. */
export interface CallFacts {
  id: string;
  callId: string;
  conversationId: string | null;
  from: string | null;
  to: string | null;
  startUs: number;
}

/** Takes the records of an engine and keeps what comparing taps needs. */
export class TapFacts implements RecordSink {
  readonly calls = new Map<string, CallFacts>();
  /** Records that found no room. */
  leftOut = 0;
  private readonly streams = new Map<string, StreamFacts[]>();
  private count = 0;

  stream(record: StreamRecord): void {
    if (this.count >= FACTS_MAX) {
      this.leftOut++;
      return;
    }
    this.count++;
    const key = `${endpointText(record.src)} ${endpointText(record.dst)} ${record.ssrc}`;
    const facts = factsOf(record);
    const known = this.streams.get(key);
    if (known === undefined) this.streams.set(key, [facts]);
    else known.push(facts);
  }

  call({ id, callId, conversationId, from, to, startUs }: CallRecord): void {
    if (this.calls.size >= FACTS_MAX) this.leftOut++;
    else this.calls.set(callId, { id, callId, conversationId, from, to, startUs });
  }

  finding(_record: FindingRecord): void {}

  /** The record of a stream that was written down packet by packet; null where the engine made none. */
  of(stream: TapStream): StreamFacts | null {
    const key = `${endpointText(stream.src)} ${endpointText(stream.dst)} ${ssrcText(stream.ssrc)}`;
    const known = this.streams.get(key) ?? [];
    const firstUs = stream.packets.timeUs[0]!;
    return known.find(({ startUs, endUs }) => startUs <= firstUs && firstUs <= endUs) ?? known[0] ?? null;
  }
}

function factsOf(record: StreamRecord): StreamFacts {
  const { id, callId, direction, codec, ptimeMs, startUs, endUs, packets, expected, lost, rtcp } = record;
  const { lossCompared, lossAfterProbe } = rtcp;
  const reported =
    lossCompared === null || lossAfterProbe === null
      ? null
      : { compared: lossCompared, lostBehind: lossAfterProbe };
  const facts = { id, callId, direction, codec, ptimeMs, startUs, endUs, packets, expected, lost };
  return { ...facts, pdvP95Ms: record.pdvMs.p95, reported };
}
