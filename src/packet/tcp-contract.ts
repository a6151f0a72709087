/**
 * What TCP reassembly offers to whoever composes it: the sink, the bounds, the counters.
 */

export const TCP_FIN = 0x01;
export const TCP_SYN = 0x02;
export const TCP_RST = 0x04;

/** SIP (5060), SIP over TLS (5061), and what is often used beside them. */
export const SIP_PORTS: readonly number[] = [5060, 5061, 5062, 5080];

/** Is one of these the port of a SIP server? */
export function isOnSipPort(srcPort: number, dstPort: number): boolean {
  return SIP_PORTS.includes(srcPort) || SIP_PORTS.includes(dstPort);
}

/** Who gets the bytes. Calls come while a segment is being taken in; `bytes` is only valid during the call. */
export interface TcpSink {
  /**
   * The next bytes of a flow direction. `gapBefore`: something is missing before them, or the flow was
   * joined in the middle.
   */
  data(flowId: number, bytes: Uint8Array, offset: number, length: number, gapBefore: boolean): void;
  /** Nothing more will come with this id: ended, evicted, begun anew, or ignored as no SIP. Not after `reject`. */
  closed(flowId: number): void;
}

/** Bounds and policy. */
export interface TcpOptions {
  /** Ports whose flows are followed from their first segment. Default `SIP_PORTS`. */
  readonly ports?: Iterable<number>;
  /**
   * Whether a payload begins a SIP message, or what SIP may be wrapped in: such flows are followed on any port, and
   * so is what goes the other way. Asked for every segment of an unknown flow. Default never.
   */
  readonly isStart?: (bytes: Uint8Array, offset: number, length: number) => boolean;
  /** Flow directions at one time. Default 4096. */
  readonly flowsMax?: number;
  /** Bytes waiting in one flow direction. Default 64 KiB. */
  readonly heldBytesPerFlow?: number;
  /** Segments waiting in one flow direction. Default 32. */
  readonly heldSegmentsPerFlow?: number;
  /** Bytes waiting in all. Default 16 MiB. */
  readonly heldBytesMax?: number;
  /** How long a hole is waited for. Default 3 s. */
  readonly holeTimeoutUs?: number;
  /** Bytes delivered without `accept` before a flow is ignored. Default 8 KiB. */
  readonly unacceptedBytesMax?: number;
  /** Makes hash collisions hard to construct. Default 0: replays stay exact either way. */
  readonly hashSeed?: number;
}

/** What happened, over the life of the reassembler. */
export interface TcpCounters {
  /** Segments of followed flows with payload, SYN, FIN or RST. */
  segments: number;
  /** Segments with bytes that were there before. */
  retransmitted: number;
  /** Segments that came before others they follow. */
  outOfOrder: number;
  /** Holes given up. */
  gaps: number;
  /** Flows dropped to make room. */
  evicted: number;
  /** Flows given up as no SIP. */
  ignored: number;
  /** Segments whose sequence number is far from what can be expected. */
  stray: number;
  /** Flows that were joined without their SYN. */
  joined: number;
}

export function tcpCounters(): TcpCounters {
  return {
    segments: 0,
    retransmitted: 0,
    outOfOrder: 0,
    gaps: 0,
    evicted: 0,
    ignored: 0,
    stray: 0,
    joined: 0,
  };
}
