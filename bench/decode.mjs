// What opening a tunnel costs: nanoseconds to decode one G.711 packet, plain and wrapped, from memory.
//
//   npm run bench:decode
import { FRAGMENT_HELD, Fragments } from '../dist/packet/fragments.js';
import { decodeFrame } from '../dist/packet/link.js';
import { DECODED, REASON_IP_FRAGMENT } from '../dist/packet/reasons.js';
import { PacketView } from '../dist/packet/view.js';

const u16 = (n) => [(n >> 8) & 255, n & 255];
const mac = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
const ethernet = (type, body) => [...mac, ...u16(type), ...body];
const ip = (protocol, body, fragment = 0, id = 9) => [
  ...[0x45, 0xb8, ...u16(20 + body.length), ...u16(id), ...u16(fragment), 64, protocol, 0, 0],
  ...[10, 0, 0, 1, 10, 0, 0, 2],
  ...body,
];
const udp = (port, body) => [...u16(40_000), ...u16(port), ...u16(8 + body.length), 0, 0, ...body];
const rtp = [0x80, 0, 0, 1, 0, 0, 0, 160, 1, 2, 3, 4, ...new Array(160).fill(0xd5)];
const voice = ip(17, udp(40_002, rtp));
const frame = ethernet(0x0800, voice);
const whole = udp(40_002, rtp);

const CASES = {
  plain: [frame],
  'one VLAN tag': [[...mac, 0x81, 0, 0, 42, ...frame.slice(12)]],
  MPLS: [ethernet(0x8847, [0, 1, 0x01, 64, ...voice])],
  GRE: [ethernet(0x0800, ip(47, [0, 0, 8, 0, ...voice]))],
  VXLAN: [ethernet(0x0800, ip(17, udp(4789, [8, 0, 0, 0, 0, 0, 5, 0, ...frame])))],
  'GTP-U': [ethernet(0x0800, ip(17, udp(2152, [0x30, 255, ...u16(voice.length), 0, 0, 0, 7, ...voice])))],
  'ERSPAN II': [
    ethernet(0x0800, ip(47, [0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 5, 0, 3, 0, 0, 0, 0, ...frame])),
  ],
  'two fragments': [
    ethernet(0x0800, ip(17, whole.slice(0, 96), 0x2000)),
    ethernet(0x0800, ip(17, whole.slice(96), 12)),
  ],
};

const DATAGRAMS = 200_000;
const ROUNDS = 15;

/** ns per datagram of one round. */
function round(frames) {
  const view = new PacketView();
  const fragments = new Fragments(() => false);
  const buffers = frames.map((octets) => new Uint8Array(octets));
  const views = buffers.map((bytes) => new DataView(bytes.buffer));
  let decoded = 0;
  const startedAt = performance.now();
  for (let i = 0; i < DATAGRAMS; i++) {
    for (let k = 0; k < buffers.length; k++) {
      // Another identification each time, as senders do.
      if (buffers.length > 1) views[k].setUint16(18, i);
      view.timeUs = i * 20;
      let answer = decodeFrame(view, views[k], 1, 0, buffers[k].length);
      if (answer === REASON_IP_FRAGMENT) answer = fragments.take(view, buffers[k]);
      if (answer === DECODED) decoded++;
      else if (answer !== FRAGMENT_HELD) throw new Error(`answer ${answer}`);
    }
  }
  const ns = ((performance.now() - startedAt) * 1e6) / DATAGRAMS;
  if (decoded !== DATAGRAMS) throw new Error(`${decoded} of ${DATAGRAMS} decoded`);
  return ns;
}

for (const [name, frames] of Object.entries(CASES)) {
  const times = Array.from({ length: ROUNDS }, () => round(frames)).sort((a, b) => a - b);
  process.stdout.write(`${name.padEnd(16)} ${times[ROUNDS >> 1].toFixed(0).padStart(5)} ns\n`);
}
