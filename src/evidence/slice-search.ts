import type { EvidenceSink, FrameRef, MediaKind, Sighting } from './contract.ts';
import { FrameList } from './frame-list.ts';
import { FrameSpans, type WantedSpan } from './frame-spans.ts';
import type { Wanted } from './wanted.ts';

/** What is to be said about a time of a call: of one of its streams, or of its signalling where `stream` is null. */
export interface Remark {
  readonly call: number;
  readonly stream: number | null;
  readonly fromUs: number;
  readonly toUs: number;
  readonly text: string;
}

/** Messages of one call whose times are remembered, so that a remark finds its own. */
const MESSAGES_EACH_MAX = 4096;

/** What a second pass finds for a slice: which frames to copy, and at which of them remarks stand. */
export class SliceSearch implements EvidenceSink {
  /** SIP and RTCP, which say what happened; and RTP and T.38, which say what was said. */
  readonly signallingFrames = new FrameList({ rtp: false, t38: false });
  readonly mediaFrames = new FrameList({ sip: false, rtcp: false });
  private readonly sockets = new Set<string>();
  private readonly remarks: readonly Remark[];
  private readonly spans: FrameSpans;
  private readonly spanOfRemark = new Map<number, number>();
  private readonly messages: { timeUs: number; frame: FrameRef }[][];

  constructor(wanted: Wanted, remarks: readonly Remark[]) {
    this.remarks = remarks;
    this.messages = wanted.calls.map(() => []);
    const spans: WantedSpan[] = [];
    for (const [index, { stream, fromUs, toUs }] of remarks.entries()) {
      if (stream === null) continue;
      this.spanOfRemark.set(index, spans.length);
      spans.push({ stream, fromUs, toUs });
    }
    this.spans = new FrameSpans(wanted.streams.length, spans);
  }

  message(call: number, sighting: Sighting): void {
    this.signallingFrames.message(call, sighting);
    const { src, dst, frames, timeUs } = sighting;
    if (src !== null && dst !== null) this.sockets.add(pairOf(src.ip, src.port, dst.ip, dst.port));
    const messages = this.messages[call]!;
    const frame = frames[frames.length - 1];
    if (frame !== undefined && messages.length < MESSAGES_EACH_MAX) messages.push({ timeUs, frame });
  }

  media(kind: MediaKind, stream: number, input: number, frame: number, timeUs: number): void {
    this.signallingFrames.media(kind, stream, input, frame);
    this.mediaFrames.media(kind, stream, input, frame);
    this.spans.media(kind, stream, input, frame, timeUs);
  }

  image(call: number, input: number, frame: number): void {
    this.mediaFrames.image(call, input, frame);
  }

  /** Whether messages of the calls passed between two sockets, in either direction. */
  isSignallingPair(srcIp: string, srcPort: number, dstIp: string, dstPort: number): boolean {
    const { sockets } = this;
    return (
      sockets.has(pairOf(srcIp, srcPort, dstIp, dstPort)) ||
      sockets.has(pairOf(dstIp, dstPort, srcIp, srcPort))
    );
  }

  /** The texts that belong to frames of one input, by frame: each remark stands at the first frame it is about. */
  remarksOf(input: number): Map<number, string> {
    const texts = new Map<number, string>();
    for (const [index, { text }] of this.remarks.entries()) {
      const place = this.placeOf(index);
      if (place === null || place.input !== input) continue;
      const before = texts.get(place.frame);
      texts.set(place.frame, before === undefined ? text : `${before}\n${text}`);
    }
    return texts;
  }

  private placeOf(index: number): FrameRef | null {
    const { call, fromUs, toUs } = this.remarks[index]!;
    const span = this.spanOfRemark.get(index);
    if (span !== undefined) {
      const found = this.spans.span(span);
      // A stream that paused has no packet while its finding lasts.
      if (found !== null) return { input: found.input, frame: found.first };
    }
    const messages = this.messages[call] ?? [];
    const within = messages.find(({ timeUs }) => timeUs >= fromUs - 1 && timeUs <= toUs + 1);
    return (within ?? messages[0])?.frame ?? null;
  }
}

function pairOf(srcIp: string, srcPort: number, dstIp: string, dstPort: number): string {
  return `${srcIp} ${srcPort} ${dstIp} ${dstPort}`;
}
