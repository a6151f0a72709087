/** A capture of one RTP stream for sipp to play, whose SSRC is of our choosing: sipp gives its own to both sides alike. */

const PACKET_MS = 20;
const SAMPLES = 160;
const HEADERS = 14 + 20 + 8 + 12;

/** A rising and falling tone of levels in PCMA, so that the payload is neither silence nor constant. */
export function soundOf(samples: number, from = 0): Buffer {
  const level = (i: number): number => 0x55 ^ (Math.round(60 + 50 * Math.sin(i / 6)) & 0x7f);
  return Buffer.from(Array.from({ length: samples }, (_, i) => level(from + i)));
}

/** PCMA in packets of 20 ms as a pcap file. */
export function rtpCapture(packets: number, ssrc: number, firstSequence: number): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(1, 20);
  const records = Array.from({ length: packets }, (_, i) => record(i, ssrc, (firstSequence + i) & 0xffff));
  return Buffer.concat([header, ...records]);
}

function record(index: number, ssrc: number, sequence: number): Buffer {
  const length = HEADERS + SAMPLES;
  const octets = Buffer.alloc(16 + length);
  const ms = index * PACKET_MS;
  octets.writeUInt32LE(1_000_000 + Math.floor(ms / 1000), 0);
  octets.writeUInt32LE((ms % 1000) * 1000, 4);
  octets.writeUInt32LE(length, 8);
  octets.writeUInt32LE(length, 12);
  const frame = octets.subarray(16);
  frame.writeUInt16BE(0x0800, 12);
  frame[14] = 0x45;
  frame.writeUInt16BE(length - 14, 16);
  frame[22] = 64;
  frame[23] = 17;
  frame.set([127, 0, 0, 1], 26);
  frame.set([127, 0, 0, 1], 30);
  frame.writeUInt16BE(30_000, 34);
  frame.writeUInt16BE(30_000, 36);
  frame.writeUInt16BE(length - 34, 38);
  frame[42] = 0x80;
  frame[43] = 8;
  frame.writeUInt16BE(sequence, 44);
  frame.writeUInt32BE(index * SAMPLES, 46);
  frame.writeUInt32BE(ssrc, 50);
  soundOf(SAMPLES, index * SAMPLES).copy(frame, HEADERS);
  return octets;
}
