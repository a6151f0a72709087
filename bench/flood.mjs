// A flood beside running calls: npm run bench:flood -- [--flows N] [--seconds N] [--kinds a,b,...]
// Every flow is a new one: media from anywhere, media to a running call's port, RTCP, calls, fragments without their
// rest, half-open connections. Prints memory as the flood goes on, what was refused, and whether the figures of the
// calls that run beside it are those of the same calls alone. Exit status 1 when they are not.
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { Engine } from '../dist/engine/engine.js';
import { createBatch } from '../dist/packet/batch.js';
import { buildScenario } from '../dist/synth/build.js';

const { values } = parseArgs({
  options: {
    flows: { type: 'string', default: '2000000' },
    seconds: { type: 'string', default: '120' },
    kinds: { type: 'string', default: 'rtp,target,rtcp,invite,fragment,syn' },
  },
});
const flows = Number(values.flows);
const seconds = Number(values.seconds);
const kinds = values.kinds.split(',');

let state = 12345;
function random() {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state >>> 0;
}

const RTCP = { intervalMs: 5000, tapToCallerMs: 4, tapToCalleeMs: 21 };
const CALLS = ['udp', 'udp', 'udp', 'tcp'].map((transport, i) => ({
  callId: `running-${i}@example.com`,
  startMs: i * 200,
  durationMs: (seconds - 5) * 1000,
  transport,
  caller: { user: `a${i}`, ip: `192.0.2.${11 + i}`, rtpPort: 16_384 },
  callee: { user: `b${i}`, ip: '203.0.113.20', rtpPort: 30_000 + 4 * i },
  rtcp: RTCP,
  calleeToCaller: { loss: { kind: 'gilbert', p: 0.01, q: 0.25 }, jitter: { kind: 'gauss', sigmaMs: 2 } },
}));

function* packetsOf(pcap) {
  const view = new DataView(pcap.buffer, pcap.byteOffset);
  for (let at = 24; at < pcap.length; ) {
    const length = view.getUint32(at + 8, true);
    const timeUs = view.getUint32(at, true) * 1e6 + view.getUint32(at + 4, true);
    yield { timeUs, frame: pcap.subarray(at + 16, at + 16 + length) };
    at += 16 + length;
  }
}

/** A frame of `length` octets with an IPv4 header; the caller writes from octet 34 on. */
function frameOf(length, protocol) {
  const frame = Buffer.alloc(length);
  frame.writeUInt16BE(0x0800, 12);
  frame[14] = 0x45;
  frame.writeUInt16BE(length - 14, 16);
  frame[22] = 64;
  frame[23] = protocol;
  frame.writeUInt32BE(0x0a000001, 30);
  return frame;
}

function udp(frame, srcPort, dstPort) {
  frame.writeUInt16BE(srcPort, 34);
  frame.writeUInt16BE(dstPort, 36);
  frame.writeUInt16BE(frame.length - 34, 38);
  return frame;
}

function rtp(frame) {
  frame[42] = 0x80;
  return frame;
}

const INVITE = (id) =>
  `INVITE sip:x@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.9.9.9;branch=z9hG4bK${id}\r\nFrom: <sip:f@x>;tag=${id}\r\nTo: <sip:t@x>\r\nCall-ID: flood-${id}\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\nContent-Length: 118\r\n\r\nv=0\r\no=- 1 1 IN IP4 10.9.9.9\r\ns=-\r\nc=IN IP4 10.9.${(id >> 8) & 255}.${id & 255}\r\nt=0 0\r\nm=audio ${1024 + ((id >> 10) & 0xfffe)} RTP/AVP 0 8\r\n`;

const MAKERS = {
  /** An RTP packet from anywhere to anywhere. */
  rtp() {
    const frame = rtp(udp(frameOf(54 + 20, 17), 1024 + (random() % 60_000), 1024 + (random() % 60_000)));
    frame.writeUInt32BE(random(), 26);
    frame.writeUInt32BE(random(), 50);
    return frame;
  },
  /** A new source for the port at which a running call receives media. */
  target() {
    const frame = rtp(udp(frameOf(54 + 20, 17), 1024 + (random() % 60_000), 30_000));
    frame.writeUInt32BE(random(), 26);
    frame.writeUInt32BE(0xcb007114, 30);
    frame.writeUInt32BE(random(), 50);
    return frame;
  },
  /** A receiver report about a source that there is not. */
  rtcp() {
    const frame = udp(frameOf(42 + 32, 17), 5005, 5007);
    frame.writeUInt32BE(random(), 26);
    frame.writeUInt32BE(0x81c90007, 42);
    frame.writeUInt32BE(random(), 46);
    frame.writeUInt32BE(random(), 50);
    return frame;
  },
  /** A call that nobody answers. */
  invite() {
    const text = INVITE(random());
    const frame = udp(frameOf(42 + text.length, 17), 5060, 5060);
    frame.writeUInt32BE(random(), 26);
    frame.write(text, 42, 'latin1');
    return frame;
  },
  /** The first fragment of a datagram whose others never come. */
  fragment() {
    const frame = frameOf(34 + 400, 17);
    frame.writeUInt32BE(random(), 26);
    frame.writeUInt16BE(random() & 0xffff, 18);
    frame.writeUInt16BE(0x2000, 20);
    return frame;
  },
  /** The first segment of a connection to a SIP server. */
  syn() {
    const frame = frameOf(54, 6);
    frame.writeUInt32BE(random(), 26);
    frame.writeUInt16BE(1024 + (random() % 60_000), 34);
    frame.writeUInt16BE(5060, 36);
    frame.writeUInt32BE(random(), 38);
    frame[46] = 0x50;
    frame[47] = 2;
    return frame;
  },
};

const mebibytes = (bytes) => (bytes / (1 << 20)).toFixed(0);

function memory(label) {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  console.log(
    `${label.padEnd(22)} rss ${mebibytes(rss)} MiB, heap ${mebibytes(heapUsed)}, buffers ${mebibytes(external)}`,
  );
}

/** Plays the calls with `count` flows of flood between their packets. @returns what is reported of the calls */
function play(packets, count) {
  const calls = new Map();
  const streams = new Map();
  let records = 0;
  const running = new Set(CALLS.map((call) => call.callId));
  const wanted = new Set(packets.ssrcs);
  const sink = {
    call: (record) => running.has(record.callId) && calls.set(record.callId, record),
    stream(record) {
      records++;
      if (wanted.has(record.ssrc) && !streams.has(record.ssrc)) streams.set(record.ssrc, record);
    },
    finding() {},
  };
  const engine = new Engine(sink);
  const batch = createBatch(new Uint8Array(4 << 20), 4096);
  let used = 0;
  const flush = () => {
    engine.ingest(batch);
    batch.count = 0;
    used = 0;
  };
  const put = (frame, timeUs) => {
    const at = batch.count++;
    batch.bytes.set(frame, used);
    batch.offset[at] = used;
    batch.capturedLength[at] = frame.length;
    batch.originalLength[at] = frame.length;
    batch.timeUs[at] = timeUs;
    batch.linkType[at] = 1;
    used += frame.length;
    if (batch.count === 4096) flush();
  };
  const list = packets.list;
  // The calls are up before the flood begins.
  const fromUs = list[0].timeUs + 5e6;
  const stepUs = (list.at(-1).timeUs - 5e6 - fromUs) / Math.max(1, count);
  const quarter = Math.ceil(count / 4);
  const started = performance.now();
  let sent = 0;
  if (count > 0) memory('before');
  for (const { timeUs, frame } of list) {
    for (; sent < count && fromUs + sent * stepUs < timeUs; sent++) {
      put(MAKERS[kinds[sent % kinds.length]](), fromUs + sent * stepUs);
      if (sent > 0 && sent % quarter === 0) memory(`${((sent / count) * 100).toFixed(0)} % of the flood`);
    }
    put(frame, timeUs);
  }
  flush();
  if (count > 0) memory('all of it');
  engine.finish();
  if (count > 0) {
    memory('all reported');
    const elapsed = (performance.now() - started) / 1000;
    console.log(`${count} flows in ${elapsed.toFixed(1)} s, ${records} streams reported`);
    console.log(JSON.stringify(engine.account().discarded));
  }
  return { calls, streams };
}

const { pcap, truth } = buildScenario({ seed: 7, calls: CALLS });
const packets = { list: [...packetsOf(pcap)], ssrcs: truth.streams.map((stream) => stream.ssrc) };
const alone = play(packets, 0);
const flooded = play(packets, flows);

/** What the flood must not change. The number a stream goes by may. */
const figures = ({ id, ...rest }) => rest;
let wrong = 0;
for (const [ssrc, stream] of alone.streams) {
  const beside = flooded.streams.get(ssrc);
  const same = beside !== undefined && isDeepStrictEqual(figures(stream), figures(beside));
  if (!same) wrong++;
  if (!same)
    console.log(
      `${ssrc}: ${stream.packets} packets, ${stream.lost} lost; now ${beside?.packets}, ${beside?.lost}`,
    );
}
for (const [callId, call] of alone.calls) {
  const beside = flooded.calls.get(callId);
  const same = beside?.state === call.state && beside.endUs === call.endUs && beside.verdict === call.verdict;
  if (!same) wrong++;
  if (!same) console.log(`${callId}: ${call.state} ${call.verdict}; now ${beside?.state} ${beside?.verdict}`);
}
console.log(
  `${alone.streams.size} streams and ${alone.calls.size} calls ran beside it: ${wrong === 0 ? 'figures unchanged' : `${wrong} changed`}`,
);
process.exitCode = wrong === 0 ? 0 : 1;
