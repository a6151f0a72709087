/**
 * What a second look at the captures adds to the records, as the HTML report shows it. Calls, streams and findings go
 * by their sequence numbers in the record store. Texts are as they were on the wire: they are escaped where they are
 * shown.
 */
export interface Evidence {
  /** The messages of a call; null when none was found. */
  ladder(call: number): ShownLadder | null;
  /** The packets that a finding is about; null when it is about none in particular. */
  finding(finding: number): Pointer | null;
  /** All packets of a stream. */
  stream(stream: number): Pointer | null;
}

/** Packets of one capture file. */
export interface Pointer {
  /** Path of the file; null where there is only one. */
  file: string | null;
  /** There are more in further files. */
  goesOn: boolean;
  /** First and last frame as Wireshark numbers them, and how many of those between are meant; null when unknown. */
  frames: { first: number; last: number; count: number } | null;
  /** A Wireshark display filter; null when none can be written. */
  filter: string | null;
}

export interface ShownEndpoint {
  readonly ip: string;
  readonly port: number;
}

export interface ShownMessage {
  readonly timeUs: number;
  readonly src: ShownEndpoint | null;
  readonly dst: ShownEndpoint | null;
  readonly method: string;
  /** Null for a request. */
  readonly status: number | null;
  readonly reasonPhrase: string | null;
  readonly cseq: number;
  readonly sdp: ShownSdp | null;
  /** Sent again by a timer. */
  readonly again: boolean;
  readonly frame: { readonly input: number; readonly frame: number } | null;
}

export interface ShownLadder {
  readonly steps: readonly ShownMessage[];
  /** Messages that found no room, and copies by the mirror. */
  readonly left: number;
  readonly copies: number;
}

export interface ShownSdp {
  readonly media: readonly ShownMedia[];
  readonly unreadable: string | null;
}

export interface ShownMedia {
  readonly type: string;
  readonly address: string | null;
  readonly refused: boolean;
  readonly protocol: string;
  readonly codecs: readonly string[];
  readonly direction: string;
  readonly held: boolean;
  readonly ptimeMs: number | null;
  readonly encryption: string | null;
}
