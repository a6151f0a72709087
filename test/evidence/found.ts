import type { EvidenceSink, MediaKind, Sighting, WantedCall } from '../../src/evidence/contract.ts';
import { EvidenceFinder, type FinderOptions } from '../../src/evidence/finder.ts';
import { Wanted } from '../../src/evidence/wanted.ts';
import type { CallRecord, StreamRecord } from '../../src/records/types.ts';
import { batchesOf } from '../batches.ts';

/** What a first pass reported, as the second wants it. */
export function wantedCalls(calls: readonly CallRecord[], streams: readonly StreamRecord[]): WantedCall[] {
  return calls.map((call) => ({
    callId: call.callId,
    startUs: call.startUs,
    streams: call.streams.map((id) => {
      const { src, dst, ssrc, startUs, endUs } = streams.find((stream) => stream.id === id)!;
      return { id, src, dst, ssrc: Number(ssrc), startUs, endUs };
    }),
    images: [call.t38?.callerToCallee ?? null, call.t38?.calleeToCaller ?? null].filter(
      (way) => way !== null,
    ),
  }));
}

/** Everything that was found. */
export class Collected implements EvidenceSink {
  readonly messages: { call: number; sighting: Sighting; copy: boolean }[] = [];
  readonly packets: { kind: MediaKind; stream: number; frame: number; timeUs: number }[] = [];
  readonly images: { call: number; frame: number }[] = [];

  message(call: number, sighting: Sighting, copy: boolean): void {
    this.messages.push({ call, sighting, copy });
  }

  media(kind: MediaKind, stream: number, _input: number, frame: number, timeUs: number): void {
    this.packets.push({ kind, stream, frame, timeUs });
  }

  image(call: number, _input: number, frame: number): void {
    this.images.push({ call, frame });
  }
}

/** Looks for calls in a capture of the generator. */
export function found(
  pcap: Uint8Array,
  wanted: readonly WantedCall[],
  options: FinderOptions = {},
): Collected {
  const collected = new Collected();
  const finder = new EvidenceFinder(new Wanted(wanted), collected, options);
  for (const batch of batchesOf(pcap, 700)) finder.ingest(batch);
  finder.finish();
  return collected;
}
