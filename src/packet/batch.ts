/**
 * A batch of captured packets: columns beside one shared byte buffer.
 *
 * Every source (file, pipe, live ring) fills the same shape, so that the packet plane never knows where
 * packets come from. All columns are `[capacity]`, valid up to `count`, and belong to the source: they are
 * only valid until the source is read again.
 */
export interface PacketBatch {
  /** The bytes all offsets point into. May be a different buffer in every batch. */
  bytes: Uint8Array<ArrayBuffer>;
  /** A view of exactly the same memory as `bytes` (same start, same length). */
  view: DataView;
  count: number;
  /** Where each packet's first captured byte lies in `bytes`. */
  readonly offset: Int32Array;
  /** Bytes captured of each packet. */
  readonly capturedLength: Int32Array;
  /** Bytes the packet had on the wire; never below `capturedLength`. */
  readonly originalLength: Int32Array;
  /** Capture time, microseconds since the Unix epoch. A double resolves 0.25 us there. */
  readonly timeUs: Float64Array;
  /** DLT / LINKTYPE number of each packet, as in tcpdump's registry. */
  readonly linkType: Int32Array;
  /** Which input (0-based, in the order given) each packet came from. */
  readonly input: Int32Array;
  /** 1-based number of the packet within its input: Wireshark's frame number. */
  readonly frame: Int32Array;
}

/** How many packets one batch holds at most. */
export const BATCH_CAPACITY = 8192;

/** An empty batch over `bytes`, with columns for `capacity` packets. */
export function createBatch(bytes: Uint8Array<ArrayBuffer>, capacity = BATCH_CAPACITY): PacketBatch {
  return {
    bytes,
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    count: 0,
    offset: new Int32Array(capacity),
    capturedLength: new Int32Array(capacity),
    originalLength: new Int32Array(capacity),
    timeUs: new Float64Array(capacity),
    linkType: new Int32Array(capacity),
    input: new Int32Array(capacity),
    frame: new Int32Array(capacity),
  };
}
