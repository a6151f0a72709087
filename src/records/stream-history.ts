import type { MomentLog } from './moment-log.ts';

/**
 * What happened to a stream, and when: rare things only, each kind bounded in number. Times are ms after the stream's
 * first packet. Detectors read it; it is not printed.
 */
export interface StreamHistory {
  /** Runs of lost packets: when the first of them was due, and how many they were. */
  losses: MomentLog;
  /** Packets that came much later after the one before than they were sent: when, and by how many ms. */
  spikes: MomentLog;
  /** Times of a second or more without a packet that silence suppression does not explain. */
  gaps: readonly Gap[];
  gapsDropped: number;
  /** Such times that it does explain: a marker, a silence descriptor before it. */
  silences: number;
  /** The first of them that lasted ten seconds or more: long enough for a NAT to forget the flow. */
  longSilences: readonly Silence[];
  /** The last packet announced silence (comfort noise, a silence descriptor), or was a telephone event. */
  endsSilent: boolean;
  /** When the numbers began anew, the first times: the first packet of the new ones. */
  restartsMs: readonly number[];
  /** How packets were marked and how far they had come, whenever that changed. */
  path: readonly PathMark[];
  pathChanges: number;
  /** The audio formats, one after the other. */
  formats: readonly FormatSpan[];
  formatsDropped: number;
}

/** Does the sender send less in silence? It has announced some, by packets of it or by a pause before a marker. */
export function leavesOutSilence(
  silencePackets: number,
  { silences }: Pick<StreamHistory, 'silences'>,
): boolean {
  return silencePackets > 0 || silences > 0;
}

export interface Silence {
  atMs: number;
  durationMs: number;
}

export interface Gap {
  atMs: number;
  durationMs: number;
  /** Sequence numbers that fell into it; null when the numbers began anew. */
  missing: number | null;
  /** How far the sender's clock went on; null while that clock is unknown. */
  mediaMs: number | null;
  /** What came after it stayed as late as the first packet: the sender paused. False when it caught up. */
  stayed: boolean;
  /** The first packet after it began a talkspurt. */
  marker: boolean;
}

export interface PathMark {
  atMs: number;
  dscp: number | null;
  ttl: number | null;
}

export interface FormatSpan {
  atMs: number;
  payloadType: number;
  /** Null for a payload type that nothing explains. */
  codec: string | null;
}
