// Sends G.711 RTP of many streams at a steady rate through one interface, after announcing them by SIP, and writes down
// when it sent what. Started by ../live.mjs in a namespace of its own, with JSON as its argument.
import { writeFileSync } from 'node:fs';
import koffi from 'koffi';
import { udpFrame } from '../../dist/synth/frame.js';
import { libc, openSender, send, sendmmsg } from './raw-socket.mjs';

const { device, streams, seconds, rampSeconds, truth: truthPath } = JSON.parse(process.argv[2]);

const clockGetTime = libc.func('int clock_gettime(int clock, void *time)');
const nanosleep = libc.func('int nanosleep(void *time, void *left)');

const OCTETS = 160;
const HEADERS = 14 + 20 + 8 + 12;
const FRAME = HEADERS + OCTETS;
const SLOT = 224;
/** Packets per system call: few, so that the time between two clock readings says when each of them was sent. */
const BURST_MAX = 32;
/** A burst that took longer was interrupted, and nobody knows which of its packets were sent before. */
const BURST_US_MAX = 200;
/** Says that the payload of a packet begins with the time it was sent; only the first of each burst does. */
const STAMPED = 0xe5;

const time = new BigInt64Array(2);
const words = new Int32Array(time.buffer);
/** CLOCK_REALTIME, us. */
function nowUs() {
  clockGetTime(0, time);
  return words[0] * 1e6 + words[2] / 1000;
}
const pause = new BigInt64Array(2);
function sleepUs(us) {
  pause[1] = BigInt(Math.floor(us * 1000));
  nanosleep(pause, null);
}

const fd = openSender(device);

/** A call has two streams; 250 hosts a side. */
function endpoint(call, side) {
  const octets = side === 0 ? [198, 51, 100, 1 + (call % 250)] : [203, 0, 113, 1 + (call % 250)];
  return { ip: Uint8Array.from(octets), text: octets.join('.'), port: 10_000 + 4 * Math.floor(call / 250) };
}
const route = (from, to, dscp) => ({ src: from.ip, dst: to.ip, dscp, ttl: 64, vlans: [] });
const sdp = ({ text, port }) =>
  `v=0\r\no=- 1 1 IN IP4 ${text}\r\ns=-\r\nc=IN IP4 ${text}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n`;

function sip(call) {
  const a = endpoint(call, 0);
  const b = endpoint(call, 1);
  const head = (tag, cseq) =>
    `Via: SIP/2.0/UDP ${a.text};branch=z9hG4bK${call}-${cseq}\r\nFrom: <sip:a${call}@${a.text}>;tag=a${call}\r\n` +
    `To: <sip:b${call}@${b.text}>${tag}\r\nCall-ID: bench-${call}@${a.text}\r\nCSeq: 1 ${cseq}\r\nMax-Forwards: 70\r\n`;
  const body = (text) => `Content-Type: application/sdp\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
  const text = [
    [
      a,
      b,
      `INVITE sip:b${call}@${b.text} SIP/2.0\r\n${head('', 'INVITE')}Contact: <sip:a@${a.text}>\r\n${body(sdp(a))}`,
    ],
    [
      b,
      a,
      `SIP/2.0 200 OK\r\n${head(`;tag=b${call}`, 'INVITE')}Contact: <sip:b@${b.text}>\r\n${body(sdp(b))}`,
    ],
    [a, b, `ACK sip:b@${b.text} SIP/2.0\r\n${head(`;tag=b${call}`, 'ACK')}Content-Length: 0\r\n\r\n`],
  ];
  return text.map(([from, to, message], i) =>
    udpFrame(route(from, to, 24), 5060, 5060, new TextEncoder().encode(message), call * 4 + i),
  );
}

/** The messages of all calls, made before the time counts. */
const messages = Array.from({ length: streams / 2 }, (_, call) => sip(call));

// The frames of all streams, one behind the other, and the array of messages over them that sendmmsg takes.
const memory = new ArrayBuffer(streams * (SLOT + 16 + 64));
const frames = new Uint8Array(memory, 0, streams * SLOT);
const view = new DataView(memory);
const base = koffi.address(new Uint8Array(memory));
const vectorsAt = streams * SLOT;
const messagesAt = vectorsAt + streams * 16;
const headerSum = new Uint32Array(streams);
for (let s = 0; s < streams; s++) {
  const [from, to] = [endpoint(s >> 1, s & 1), endpoint(s >> 1, 1 - (s & 1))];
  const payload = Uint8Array.from({ length: 12 + OCTETS }, (_, i) => (i * 37 + s) & 0xff);
  payload[0] = 0x80;
  payload[1] = 0;
  payload[12] = 0;
  new DataView(payload.buffer).setUint32(8, 0x10000000 + s);
  const frame = udpFrame(route(from, to, 46), from.port, to.port, payload, 0);
  frames.set(frame, s * SLOT);
  const at = s * SLOT;
  view.setUint16(at + 24, 0);
  view.setUint16(at + 40, 0);
  let sum = 0;
  for (let i = 14; i < 34; i += 2) sum += view.getUint16(at + i);
  headerSum[s] = sum;
  view.setBigUint64(vectorsAt + s * 16, base + BigInt(at), true);
  view.setBigUint64(vectorsAt + s * 16 + 8, BigInt(FRAME), true);
  view.setBigUint64(messagesAt + s * 64 + 16, base + BigInt(vectorsAt + s * 16), true);
  view.setBigUint64(messagesAt + s * 64 + 24, 1n, true);
}

// RFC 3550 A.8 of each stream in double precision, from the 33rd packet on, as the probe does it.
const WARM_UP = 33;
const last = new Float64Array(streams);
const jitter = new Float64Array(streams);
const jitterSum = new Float64Array(streams);
const jitterMax = new Float64Array(streams);
/** How far the times of sending may be off, all in all, us; for ever for a stream that none are written down of. */
const unsureUs = new Float64Array(streams);
/** The truth is written down about one stream in so many: it takes a tenth of the time that sending does. */
const TRUTH_EVERY = 4;
for (let s = 0; s < streams; s++) if (s % TRUTH_EVERY !== 0) unsureUs[s] = 1e12;
const spacingMs = 20;
/** All streams send once in each cycle; those of a call from the cycle on in which it was set up. */
const cycles = Math.round(((rampSeconds + seconds) * 1000) / spacingMs);
const rampCycles = Math.max(1, Math.round((rampSeconds * 1000) / spacingMs));
const activeIn = (cycle) => 2 * Math.min(streams / 2, Math.ceil(((cycle + 1) * streams) / 2 / rampCycles));
const begunIn = new Int32Array(streams);
for (let cycle = rampCycles - 1; cycle >= 0; cycle--) begunIn.fill(cycle, 0, activeIn(cycle));
const perPacketUs = (spacingMs * 1000) / streams;
let refused = 0;
let latestUs = 0;

function prepare(first, count, cycle) {
  for (let s = first; s < first + count; s++) {
    const at = s * SLOT;
    const k = cycle - begunIn[s];
    const ident = (k + s) & 0xffff;
    const sum = headerSum[s] + ident;
    view.setUint16(at + 18, ident);
    view.setUint16(at + 24, ~((sum & 0xffff) + (sum >>> 16)) & 0xffff);
    if (k < 2) view.setUint8(at + 43, k === 0 ? 0x80 : 0);
    view.setUint16(at + 44, k);
    view.setUint32(at + 46, k * OCTETS);
    view.setUint8(at + HEADERS, 0);
  }
}

function note(first, count, cycle, fromUs, toUs) {
  const each = (toUs - fromUs) / count;
  const doubtUs = toUs - fromUs > BURST_US_MAX ? toUs - fromUs : 0;
  for (let s = Math.ceil(first / TRUTH_EVERY) * TRUTH_EVERY; s < first + count; s += TRUTH_EVERY) {
    const at = fromUs + each * (s - first);
    const k = cycle - begunIn[s];
    unsureUs[s] += doubtUs;
    if (k > 0) {
      const difference = Math.abs((at - last[s]) / 1000 - spacingMs);
      const j = jitter[s] + (difference - jitter[s]) / 16;
      jitter[s] = j;
      if (k >= WARM_UP) {
        jitterSum[s] += j;
        if (j > jitterMax[s]) jitterMax[s] = j;
      }
    }
    last[s] = at;
  }
}

/** Sets up the calls that begin to send in the next cycle. */
function setUpCalls(cycle) {
  for (let call = activeIn(cycle - 1) / 2; call < activeIn(cycle) / 2; call++) {
    for (const frame of messages[call]) send(fd, frame, frame.length, 0);
  }
}

/** Sends what is due of a cycle's packets, in bursts, until all of them are sent. */
function sendCycle(cycle, cycleUs) {
  const active = activeIn(Math.min(cycle, rampCycles - 1));
  for (let s = 0; s < active; ) {
    const now = nowUs();
    const due = Math.min(active, Math.floor((now - cycleUs) / perPacketUs));
    if (due <= s) {
      const waitUs = cycleUs + (s + 1) * perPacketUs - now;
      if (waitUs > 60) sleepUs(Math.min(waitUs, 500) - 50);
      continue;
    }
    latestUs = Math.max(latestUs, now - cycleUs - s * perPacketUs);
    const count = Math.min(due - s, BURST_MAX);
    prepare(s, count, cycle);
    view.setUint8(s * SLOT + HEADERS, STAMPED);
    const fromUs = nowUs();
    view.setFloat64(s * SLOT + HEADERS + 8, fromUs);
    const done = sendmmsg(fd, base + BigInt(messagesAt + s * 64), count, 0);
    const toUs = nowUs();
    if (done <= 0) {
      refused++;
      continue;
    }
    note(s, done, cycle, fromUs, toUs);
    s += done;
  }
  return active;
}

for (let call = 0; call < activeIn(0) / 2; call++) {
  for (const frame of messages[call]) send(fd, frame, frame.length, 0);
}
const startedUs = nowUs() + 20_000;
let total = 0;
let steady = 0;
let steadyUs = startedUs;
for (let cycle = 0; cycle < cycles; cycle++) {
  if (cycle === rampCycles) steadyUs = nowUs();
  const count = sendCycle(cycle, startedUs + cycle * spacingMs * 1000);
  total += count;
  if (cycle >= rampCycles) steady += count;
  if (cycle + 1 < rampCycles) setUpCalls(cycle + 1);
}
const endedUs = nowUs();
const tookS = (endedUs - startedUs) / 1e6;
const mean = Array.from(jitterSum, (sum, s) => sum / (cycles - begunIn[s] - WARM_UP));
writeFileSync(truthPath, JSON.stringify({ mean, max: [...jitterMax], unsureUs: [...unsureUs] }));
const { userCPUTime, systemCPUTime } = process.resourceUsage();
process.stdout.write(
  `${JSON.stringify({
    sent: total,
    sip: (streams / 2) * 3,
    tookS,
    rate: steady / ((endedUs - steadyUs) / 1e6),
    refused,
    behindMs: latestUs / 1000,
    cpu: (userCPUTime + systemCPUTime) / 1e6 / tookS,
  })}\n`,
);
