/**
 * One direction of one TCP connection: what comes next, and the segments that came too early.
 */

/** One segment with payload or FIN. */
export interface TcpSegment {
  /** Sequence number of the first payload byte, unsigned. */
  readonly seq: number;
  readonly bytes: Uint8Array;
  readonly offset: number;
  /** Payload bytes captured. */
  readonly length: number;
  /** Payload bytes on the wire. */
  readonly wireLength: number;
  readonly fin: boolean;
  readonly timeUs: number;
}

/** `a - b` on the sequence circle, as a signed 32-bit number (RFC 9293 3.4). */
export function sequenceDistance(a: number, b: number): number {
  return (a - b) | 0;
}

/** Where a flow is in its life. */
export type TcpFlowState =
  /** Nothing delivered yet. */
  | 'new'
  | 'open'
  /** Ended by FIN or RST; remembered so that late copies do not look like a new connection. */
  | 'closed'
  /** Not SIP. */
  | 'ignored';

/** The state of one flow direction. Made once per slot and used again. */
export class TcpFlow {
  id = -1;
  state: TcpFlowState = 'new';
  /** Sequence number of the next byte in order, unsigned. */
  expected = 0;
  /** Whether `expected` is known. */
  synchronised = false;
  /** Initial sequence number, to tell a repeated SYN from a new connection; -1 when not seen. */
  initialSeq = -1;
  /** The consumer found SIP in it. */
  accepted = false;
  delivered = 0;
  /** Bytes are missing before the next delivery. */
  gapPending = false;
  /** Where a segment far outside the window would continue; -1 when there was none. */
  strayNext = -1;
  /** In sequence order. */
  readonly held: TcpSegment[] = [];
  heldBytes = 0;

  reset(id: number): void {
    this.id = id;
    this.state = 'new';
    this.expected = 0;
    this.synchronised = false;
    this.initialSeq = -1;
    this.accepted = false;
    this.delivered = 0;
    this.gapPending = false;
    this.strayNext = -1;
    this.held.length = 0;
    this.heldBytes = 0;
  }

  /** Whether bytes may still come of it. */
  get live(): boolean {
    return this.state === 'new' || this.state === 'open';
  }

  /** How far a sequence number lies ahead of the next expected byte. */
  ahead(seq: number): number {
    return sequenceDistance(seq, this.expected);
  }

  /** When the oldest waiting segment came, which is when the hole before it was first seen. */
  holeSince(): number {
    let since = Number.POSITIVE_INFINITY;
    for (const segment of this.held) since = Math.min(since, segment.timeUs);
    return since;
  }

  /** Whether a waiting segment already has all of this one. */
  covers({ seq, wireLength, fin }: TcpSegment): boolean {
    return this.held.some(
      (segment) =>
        sequenceDistance(seq, segment.seq) >= 0 &&
        sequenceDistance(seq + wireLength, segment.seq + segment.length) <= 0 &&
        (!fin || segment.fin),
    );
  }

  /** Keeps a copy of a segment, in its place. */
  hold({ seq, bytes, offset, length, wireLength, fin, timeUs }: TcpSegment): void {
    let at = this.held.length;
    while (at > 0 && sequenceDistance(this.held[at - 1]!.seq, seq) > 0) at--;
    const copy = new Uint8Array(bytes.subarray(offset, offset + length));
    this.held.splice(at, 0, { seq, bytes: copy, offset: 0, length, wireLength, fin, timeUs });
    this.heldBytes += length;
  }

  /** Takes the first waiting segment out. */
  release(): TcpSegment | undefined {
    const segment = this.held.shift();
    if (segment !== undefined) this.heldBytes -= segment.length;
    return segment;
  }
}
