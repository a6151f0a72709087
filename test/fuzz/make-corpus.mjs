// Writes the seeds under test/fuzz/corpus from captures of the generator: small, of every kind, the same every time.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildScenario } from '../../dist/synth/build.js';
import { presetScenario } from '../../dist/synth/presets.js';
import { tlsConnections } from './stream-targets.mjs';

const START_US = Date.parse('2026-03-02T09:00:00Z') * 1000;
const CORPUS = join(import.meta.dirname, 'corpus');

const RTCP = { intervalMs: 300, xr: ['reference_time', 'voip_metrics', 'statistics', 'loss_runs'] };
const call = { codec: 'PCMA', durationMs: 900, ringMs: [50, 100], rtcp: RTCP };
const captures = {
  udp: buildScenario({ seed: 1, calls: [{ ...call, dtmf: { atMs: 200, digits: '1#' } }] }).pcap,
  ipv6: buildScenario({ seed: 2, ipv6: true, calls: [{ ...call, codec: 'opus' }] }).pcap,
  tcp: buildScenario({ seed: 3, vlans: [7], calls: [{ ...call, transport: 'tcp' }] }).pcap,
  other: buildScenario({
    seed: 4,
    background: { dns: 4, quic: 4, randomUdp: 4 },
    calls: [{ ...call, codec: 'G729' }],
  }).pcap,
  hold: buildScenario(presetScenario('hold', 5)).pcap,
};

/** The same in other wrappings: seeds for the whole engine and for streams. */
const wrapped = {
  websocket: buildScenario({ seed: 6, calls: [{ ...call, transport: 'ws' }] }).pcap,
  hep: buildScenario({ seed: 7, hep: true, calls: [{ ...call, dtmf: { atMs: 200, digits: '1#' } }] }).pcap,
};

/** Media that comes back, and faxes. */
const icmp = { way: 'callerToCallee' };
const image = { reinvites: [{ atMs: 300, image: 'accepted' }] };
const fax = (spec) => ({ callerToCallee: { offsetMs: 0, packetMs: 20, controlMs: 100, ...spec } });
const returned = {
  port: buildScenario({ seed: 8, calls: [{ ...call, icmp: [icmp] }] }).pcap,
  header: buildScenario({ seed: 9, ipv6: true, calls: [{ ...call, icmp: [{ ...icmp, quoteOctets: 8 }] }] })
    .pcap,
};
const faxes = {
  copies: buildScenario({ seed: 10, calls: [{ ...call, ...image, t38: fax({ startSeq: 65_530 }) }] }).pcap,
  parity: buildScenario({
    seed: 11,
    calls: [{ ...call, ...image, t38: fax({ fec: { span: 2, parities: 2 } }) }],
  }).pcap,
};

function* packetsOf(pcap) {
  const view = new DataView(pcap.buffer, pcap.byteOffset);
  for (let at = 24; at < pcap.length; ) {
    const length = view.getUint32(at + 8, true);
    const timeUs = view.getUint32(at, true) * 1e6 + view.getUint32(at + 4, true);
    yield { timeUs, frame: pcap.slice(at + 16, at + 16 + length) };
    at += 16 + length;
  }
}

/** Link and IP header's ends, and what UDP or TCP carries. */
function layers(frame) {
  let at = 12;
  while (frame[at] === 0x81) at += 4;
  const ip = at + 2;
  const version = frame[ip] >> 4;
  const transport = ip + (version === 4 ? 20 : 40);
  const protocol = frame[ip + (version === 4 ? 9 : 6)];
  const payload = transport + (protocol === 17 ? 8 : (frame[transport + 12] >> 4) * 4);
  const sourcePort = (frame[transport] << 8) | frame[transport + 1];
  const flags = frame[transport + 13];
  return { ip, version, transport, protocol, flags, sourcePort, payload: frame.subarray(payload) };
}

const joined = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));
const piece = (...parts) => {
  const bytes = joined(...parts);
  return joined([bytes.length >> 8, bytes.length & 0xff], bytes);
};
const sixteenths = (us) => {
  const ticks = Math.min(0x7ffe, Math.round((us * 16) / 1000)) & ~1;
  return [ticks >> 8, ticks & 0xff];
};

function write(target, name, bytes) {
  mkdirSync(join(CORPUS, target), { recursive: true });
  writeFileSync(join(CORPUS, target, name), bytes.subarray(0, 6000));
}

/** A capture's first packets as a pcapng file with one interface. */
function pcapng(packets) {
  const block = (type, body) => {
    const length = Buffer.alloc(8);
    length.writeUInt32LE(type);
    length.writeUInt32LE(body.length + 12, 4);
    return joined(length, body, length.subarray(4));
  };
  const section = Buffer.from('4d3c2b1a01000000ffffffffffffffff', 'hex');
  const parts = [block(0x0a0d0d0a, section), block(1, Buffer.from('0100000000000400', 'hex'))];
  for (const { timeUs, frame } of packets) {
    const head = Buffer.alloc(20);
    head.writeUInt32LE(Math.floor(timeUs / 2 ** 32), 4);
    head.writeUInt32LE(timeUs % 2 ** 32, 8);
    head.writeUInt32LE(frame.length, 12);
    head.writeUInt32LE(frame.length, 16);
    parts.push(block(6, joined(head, frame, Buffer.alloc(-frame.length & 3))));
  }
  parts.push(block(5, Buffer.alloc(12)));
  return joined(...parts);
}

/** The frame's IPv4 packet in two fragments. */
function fragments(frame, cut) {
  const { ip, transport } = layers(frame);
  const rest = frame.subarray(transport);
  return [0, cut].map((offset) => {
    const last = offset > 0;
    const data = rest.subarray(offset, last ? rest.length : cut);
    const made = joined(frame.subarray(0, transport), data);
    made.writeUInt16BE(20 + data.length, ip + 2);
    made.writeUInt16BE((last ? 0 : 0x2000) | (offset / 8), ip + 6);
    return made;
  });
}

/** What begins a tunnel, by the layer it starts after. */
const TUNNELS = {
  gre: ['2f', '00006558'],
  greip: ['2f', '00000800', true],
  erspan2: ['2f', '100088be00000001100a00010000000a'],
  vxlan: ['11', '300012b500000000' + '0800000000002a00'],
  geneve: ['11', '300017c100000000' + '0000655800002a00'],
  gtpu: ['11', '3000086800000000' + '30ff002000000001', true],
  ipip: ['04', '', true],
  tzsp: ['11', '3000909000000000' + '0100000101'],
  l2tp: ['11', '300006a500000000' + '0002000100010021', true],
};

function tunnelled(frame, [protocol, header, ipOnly]) {
  const { ip } = layers(frame);
  const inner = ipOnly ? frame.subarray(ip) : frame;
  const head = Buffer.from(header, 'hex');
  const outer = Buffer.from('45000000000100004011000001010101 02020202'.replace(/ /g, ''), 'hex');
  outer[9] = Number.parseInt(protocol, 16);
  outer.writeUInt16BE(20 + head.length + inner.length, 2);
  if (protocol === '11') head.writeUInt16BE(head.length + inner.length, 4);
  return joined([0], frame.subarray(0, 12), [8, 0], outer, head, inner);
}

rmSync(CORPUS, { recursive: true, force: true });
for (const [name, pcap] of Object.entries(captures)) {
  const packets = [...packetsOf(pcap)];
  const media = packets.filter(({ frame }) => frame.length < 400);
  write('pcap', name, joined(pcap.subarray(0, 24 + 3000)));
  write('pcapng', name, pcapng(packets.slice(0, 6)));
  write('link', `${name}-first`, joined([0], packets[0].frame));
  write('link', `${name}-media`, joined([0], media[5].frame));
  const parts = { rtp: [], rtcp: [], tcp: [], engine: [] };
  const messages = [];
  let before = packets[0].timeUs;
  for (const { timeUs, frame } of packets) {
    const { protocol, payload, flags } = layers(frame);
    const gap = sixteenths(timeUs - before);
    before = timeUs;
    parts.engine.push(piece(gap, frame));
    if (protocol === 6) parts.tcp.push(piece([flags & 0x3f, 0], payload));
    else if (payload[0] >= 0x80 && payload[1] >= 200 && payload[1] <= 207)
      parts.rtcp.push(piece([3, 0], payload));
    else if (payload[0] >> 6 === 2) parts.rtp.push(piece([1, 64], payload.subarray(0, 40)));
    else if (payload[0] > 64 && payload[0] < 90) messages.push(payload);
  }
  for (const [target, list] of Object.entries(parts)) {
    if (list.length > 0) write(target, name, joined(...list.slice(0, 40)));
  }
  // SIP over UDP as the segments of a connection, too.
  if (messages.length > 0)
    write('tcp', `${name}-messages`, joined(...messages.slice(0, 5).map((m) => piece([0x18, 0], m))));
  for (const [i, message] of messages.slice(0, 4).entries()) {
    write('sip', `${name}-${i}`, message);
    const body = Buffer.from(message).indexOf('\r\n\r\n') + 4;
    if (body < message.length) write('sdp', `${name}-${i}`, message.subarray(body));
  }
  const big = packets.find(({ frame }) => frame.length > 300 && layers(frame).version === 4);
  if (big !== undefined) {
    const [first, last] = fragments(big.frame, 160);
    write('fragments', `${name}-in-order`, joined(piece(first), piece(last)));
    write('fragments', `${name}-reversed`, joined(piece(last), piece(first), piece(last)));
  }
}
const [sample] = [...packetsOf(captures.udp)].slice(12, 13);
for (const [name, tunnel] of Object.entries(TUNNELS)) write('link', name, tunnelled(sample.frame, tunnel));

/** What says that media is to come, what comes back, and faxes: the audio between them would fill the seed. */
const isTelling = ({ frame }) => {
  const { protocol, payload } = layers(frame);
  return protocol !== 17 || (payload[0] >> 6 !== 2 && payload[8] !== 0x31);
};
const seeds = Object.entries(wrapped).map(([name, pcap]) => [name, [...packetsOf(pcap)]]);
for (const [name, pcap] of Object.entries({ ...returned, ...faxes }))
  seeds.push([name, [...packetsOf(pcap)].filter(isTelling)]);
for (const [name, packets] of seeds) {
  let before = START_US;
  const frames = packets.slice(0, 40).map(({ timeUs, frame }) => {
    const gap = sixteenths(Math.max(0, timeUs - before));
    before = timeUs;
    return piece(gap, frame);
  });
  write('engine', name, joined(...frames));
}
// One direction of connections, in the pieces in which it was sent.
for (const [name, pcap] of [
  ['tcp', captures.tcp],
  ['websocket', wrapped.websocket],
]) {
  const both = [...packetsOf(pcap)].map(({ frame }) => layers(frame)).filter((l) => l.protocol === 6);
  for (const isFirst of [true, false]) {
    const sent = both.filter(
      (l) => (l.sourcePort === both[0].sourcePort) === isFirst && l.payload.length > 0,
    );
    write('streams', `${name}-${isFirst ? 1 : 2}`, joined(...sent.map(({ payload }) => piece([0], payload))));
  }
}
const told = [...packetsOf(wrapped.hep)].map(({ frame }) => Buffer.from(layers(frame).payload));
const typeOf = (payload) => payload[payload.indexOf(Buffer.from([0, 0, 0, 11, 0, 7])) + 6];
const kinds = new Map(told.map((payload) => [typeOf(payload), payload]));
for (const [kind, payload] of kinds) write('hep', `type-${kind}`, piece(payload));
write('hep', 'several', joined(...told.slice(0, 12).map((payload) => piece(payload))));
write('streams', 'hep', joined(...told.slice(0, 6).map((payload) => piece([0], payload))));
const sip = layers([...packetsOf(captures.udp)][0].frame).payload;
for (const [version, header] of [
  [2, '021c021113c413c4c0000201cb00710900f2536600000000 07000000'],
  [1, '0110021113c413c4c0000201cb007109'],
]) {
  write('hep', `version-${version}`, piece(Buffer.from(header.replaceAll(' ', ''), 'hex'), sip));
}
for (const [i, version] of ['1.2', '1.3'].entries()) {
  const sent = [];
  const below = {
    open() {},
    close() {},
    send: (_, client, octets) => sent.push(piece([client ? 0 : 1], octets)),
  };
  const connection = tlsConnections(below)[i];
  connection.open(0);
  for (const client of [true, false, true]) connection.send(0, client, sip.subarray(0, 300), true);
  write('tls', version, joined(...sent));
  write('tls', `${version}-lost`, joined(...sent.slice(0, -2), piece([2]), sent.at(-1)));
}
for (const [name, pcap] of Object.entries(returned)) {
  const messages = [...packetsOf(pcap)].map(({ frame }) => ({ frame, ...layers(frame) }));
  const { frame, transport, version } = messages.find(({ protocol }) => protocol === 1 || protocol === 58);
  write('icmp', name, joined([version === 6 ? 1 : 0], frame.subarray(transport)));
}
for (const [name, pcap] of Object.entries(faxes)) {
  const datagrams = [...packetsOf(pcap)].map(({ frame }) => layers(frame).payload);
  const udptl = datagrams.filter(
    (d) => d.length < 250 && d[0] >> 6 !== 2 && (d[3] === 0xc0 || d[3] === 0xd0),
  );
  write('udptl', name, joined(...udptl.slice(0, 30).map((d) => joined([d.length], d))));
}
