import type { SipMessage } from '../sip/message.ts';

/**
 * Evidence: which frames of the captures belong to which calls. A second pass over the same captures, in the same
 * order, finds them by what the records of the first pass say: Call-IDs, and addresses, ports, SSRC and time of
 * streams. The HTML report shows ladders and points at frames with it; a slice copies the frames.
 *
 *     const wanted = new Wanted(calls);
 *     const finder = new EvidenceFinder(wanted, sink, { decryption, hep });
 *     for (let batch = source.read(); batch !== null; batch = source.read()) finder.ingest(batch);
 *     finder.finish();
 *
 * Calls and streams are named by their place in what was asked for: `calls[i]` is call `i`; streams are numbered
 * through all calls, in order (`wanted.streams[i]`).
 */

/** A frame of a capture: 1-based, as Wireshark numbers it, in the input of that place in the list of files. */
export interface FrameRef {
  readonly input: number;
  readonly frame: number;
}

export interface WantedEndpoint {
  readonly ip: string;
  readonly port: number;
}

/** One RTP stream. */
export interface WantedStream {
  readonly id: string;
  readonly src: WantedEndpoint;
  readonly dst: WantedEndpoint;
  /** Unsigned 32 bits. */
  readonly ssrc: number;
  /** A capture agent told about it: in the capture its packets lie in HEP. */
  readonly inHep?: boolean;
  /** First and last packet, capture time in us; both inclusive. */
  readonly startUs: number;
  readonly endUs: number;
}

/** One direction of T.38. */
export interface WantedImage {
  readonly src: WantedEndpoint;
  readonly dst: WantedEndpoint;
  readonly startUs: number;
  readonly endUs: number;
}

/** One call; a stream that no call claims is wanted as a call without a Call-ID. */
export interface WantedCall {
  readonly callId: string | null;
  /** First message, capture time in us. A Call-ID that is used again begins a new call. */
  readonly startUs: number;
  readonly streams: readonly WantedStream[];
  readonly images: readonly WantedImage[];
}

/** A SIP message of a wanted call, where it passed the tap. */
export interface Sighting {
  /** Capture time at which the message was complete, us. */
  readonly timeUs: number;
  readonly src: WantedEndpoint | null;
  readonly dst: WantedEndpoint | null;
  readonly message: SipMessage;
  /**
   * The frames that its octets came in, in order of capture; the last one completed it, and is the one Wireshark shows
   * the message at. Several for TCP segments and IP fragments; none where they are not known any more.
   */
  readonly frames: readonly FrameRef[];
}

export type MediaKind = 'rtp' | 'rtcp';

/** What the finder tells. Arguments are only valid during the call. */
export interface EvidenceSink {
  /** A SIP message of call `call`. Copies that a mirror made are told as `copy`. */
  message(call: number, sighting: Sighting, copy: boolean): void;
  /** A packet of stream `stream`, or a report about it. One compound of RTCP may be told for several streams. */
  media(kind: MediaKind, stream: number, input: number, frame: number, timeUs: number): void;
  /** A T.38 datagram of call `call`. */
  image(call: number, input: number, frame: number, timeUs: number): void;
}
