import { type FilePacket, splitTime } from './pcap.ts';

/** "TLSK", the kind of secrets that are a TLS key log. */
const TLS_KEY_LOG = 0x544c534b;

/**
 * A whole little-endian Ethernet file in the block format (draft-ietf-opsawg-pcapng), with a TLS key log before the
 * packets that it opens. `epochMs`: Unix time in ms that `timeNs` counts from.
 */
export function pcapngFile(
  packets: readonly FilePacket[],
  epochMs: number,
  nanoseconds: boolean,
  keyLog: string,
): Uint8Array {
  const parts = [
    block(0x0a0d0d0a, [u32(0x1a2b3c4d), u16(1), u16(0), u32(0xffffffff), u32(0xffffffff)]),
    block(1, [
      u16(1),
      u16(0),
      u32(262144),
      u16(9),
      u16(1),
      Uint8Array.of(nanoseconds ? 9 : 6, 0, 0, 0),
      u32(0),
    ]),
  ];
  const secrets = new TextEncoder().encode(keyLog);
  if (secrets.length > 0) parts.push(block(10, [u32(TLS_KEY_LOG), u32(secrets.length), secrets]));
  for (const { timeNs, bytes, lostBefore } of packets) {
    const time = splitTime(epochMs, timeNs);
    const ticks = nanoseconds
      ? BigInt(time.seconds) * 1_000_000_000n + BigInt(time.nanoseconds)
      : BigInt(time.seconds) * 1_000_000n + BigInt(Math.round(time.nanoseconds / 1000));
    const stamp = [u32(Number(ticks >> 32n)), u32(Number(ticks & 0xffffffffn))];
    const lost =
      lostBefore === undefined
        ? []
        : [new Uint8Array(-bytes.length & 3), u16(4), u16(8), u32(lostBefore), u32(0), u32(0)];
    parts.push(block(6, [u32(0), ...stamp, u32(bytes.length), u32(bytes.length), bytes, ...lost]));
  }
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

/** Type, length, body padded to 4 octets, length. */
function block(type: number, body: readonly Uint8Array[]): Uint8Array {
  const length = body.reduce((sum, part) => sum + part.length, 0);
  const whole = new Uint8Array(12 + length + (-length & 3));
  const view = new DataView(whole.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, whole.length, true);
  let at = 8;
  for (const part of body) {
    whole.set(part, at);
    at += part.length;
  }
  view.setUint32(whole.length - 4, whole.length, true);
  return whole;
}

function u32(value: number): Uint8Array {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setUint32(0, value, true);
  return octets;
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value & 255, value >> 8);
}
