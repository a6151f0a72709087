// Sends the UDP datagrams of a capture again, at their pace, between the addresses they have there.
// node send-capture.mjs FILE: little-endian microsecond pcap of Ethernet and IPv4, all addresses in 127.0.0.0/8.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

const file = readFileSync(process.argv[2]);
const packets = [];
for (let at = 24; at < file.length; ) {
  const length = file.readUInt32LE(at + 8);
  const frame = file.subarray(at + 16, at + 16 + length);
  const end = (address, port) =>
    `${frame.subarray(address, address + 4).join('.')}:${frame.readUInt16BE(port)}`;
  const timeMs = file.readUInt32LE(at) * 1000 + file.readUInt32LE(at + 4) / 1000;
  packets.push({ timeMs, src: end(26, 34), dst: end(30, 36), payload: frame.subarray(42) });
  at += 16 + length;
}

const sockets = new Map();
for (const name of new Set(packets.flatMap(({ src, dst }) => [src, dst]))) {
  const [host, port] = name.split(':');
  const socket = createSocket('udp4');
  socket.bind(Number(port), host);
  await once(socket, 'listening');
  sockets.set(name, socket);
}

const startMs = performance.now() + 100;
for (let i = 0; i < packets.length; ) {
  const dueMs = startMs + packets[i].timeMs - packets[0].timeMs;
  const waitMs = dueMs - performance.now();
  if (waitMs > 0.5) {
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    continue;
  }
  const { src, dst, payload } = packets[i++];
  const [host, port] = dst.split(':');
  sockets.get(src).send(payload, Number(port), host);
}
await new Promise((resolve) => setTimeout(resolve, 300));
for (const socket of sockets.values()) socket.close();
