/** Octets of the file header and of each packet's header. */
export const FILE_HEADER_OCTETS = 24;
export const RECORD_HEADER_OCTETS = 16;

/** A packet as it stands in the file. */
export interface FilePacket {
  /** Capture time in ns after `epochMs`; a whole number of the file's units. */
  timeNs: number;
  bytes: Uint8Array;
  /** Packets that the capturing machine knows it lost since the packet before. */
  lostBefore?: number;
}

/** Header of a little-endian Ethernet capture file (libpcap format 2.4). */
export function pcapHeader(nanoseconds: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(FILE_HEADER_OCTETS));
  view.setUint32(0, nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, 262144, true);
  view.setUint32(20, 1, true);
  return new Uint8Array(view.buffer);
}

/** A whole file. `epochMs`: Unix time in ms that `timeNs` counts from. No more than `snapLength` of each is kept. */
export function pcapFile(
  packets: readonly FilePacket[],
  epochMs: number,
  nanoseconds: boolean,
  snapLength = Number.POSITIVE_INFINITY,
): Uint8Array {
  let size = FILE_HEADER_OCTETS;
  for (const { bytes } of packets) size += RECORD_HEADER_OCTETS + Math.min(snapLength, bytes.length);
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  file.set(pcapHeader(nanoseconds));
  let at = FILE_HEADER_OCTETS;
  for (const packet of packets) {
    const time = splitTime(epochMs, packet.timeNs);
    view.setUint32(at, time.seconds, true);
    view.setUint32(at + 4, nanoseconds ? time.nanoseconds : Math.round(time.nanoseconds / 1000), true);
    const kept = packet.bytes.subarray(0, Math.min(snapLength, packet.bytes.length));
    view.setUint32(at + 8, kept.length, true);
    view.setUint32(at + 12, packet.bytes.length, true);
    file.set(kept, at + RECORD_HEADER_OCTETS);
    at += RECORD_HEADER_OCTETS + kept.length;
  }
  return file;
}

/** Unix seconds and the nanoseconds of that second. A double cannot hold Unix ns, so they never meet in one. */
export function splitTime(epochMs: number, timeNs: number): { seconds: number; nanoseconds: number } {
  const epochSeconds = Math.floor(epochMs / 1000);
  const ns = timeNs + (epochMs - epochSeconds * 1000) * 1e6;
  const seconds = Math.floor(ns / 1e9);
  return { seconds: epochSeconds + seconds, nanoseconds: ns - seconds * 1e9 };
}

/** ISO 8601 UTC with microseconds; finer digits are cut off. */
export function isoTime(epochMs: number, timeNs: number): string {
  const { seconds, nanoseconds } = splitTime(epochMs, timeNs);
  const micros = Math.floor(nanoseconds / 1000);
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(micros).padStart(6, '0')}Z`;
}
