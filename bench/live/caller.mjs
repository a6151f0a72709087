// Calls that come and go, at a steady rate of packets, through one interface: SIP, G.711 both ways, a BYE, and the next call
// with other names, ports and SSRCs. Some lose packets before the tap. Started by ../soak.mjs in a namespace of its own, with
// JSON as its argument; ends when its standard input does, or after `seconds`, with all calls hung up, and says what it sent.
import koffi from 'koffi';
import { udpFrame } from '../../dist/synth/frame.js';
import { openSender, send, sendmmsg } from './raw-socket.mjs';

const { device, calls: slots, seconds, leastS, mostS } = JSON.parse(process.argv[2]);

const fd = openSender(device);

const OCTETS = 160;
const HEADERS = 14 + 20 + 8 + 12;
const FRAME = HEADERS + OCTETS;
const SLOT = 224;
const CYCLE_MS = 20;
const BURST_MAX = 32;
/** One call in so many loses every hundredth packet of its caller. */
const LOSSY = 10;
const PAUSE_MS = 500;

// What is due is put together here: frames one behind the other, and the array of messages over them.
const memory = new ArrayBuffer(BURST_MAX * (SLOT + 16 + 64));
const frames = new Uint8Array(memory, 0, BURST_MAX * SLOT);
const view = new DataView(memory);
const base = koffi.address(new Uint8Array(memory));
for (let i = 0; i < BURST_MAX; i++) {
  const vector = BURST_MAX * SLOT + i * 16;
  const message = BURST_MAX * (SLOT + 16) + i * 64;
  view.setBigUint64(vector, base + BigInt(i * SLOT), true);
  view.setBigUint64(vector + 8, BigInt(FRAME), true);
  view.setBigUint64(message + 16, base + BigInt(vector), true);
  view.setBigUint64(message + 24, 1n, true);
}
let waiting = 0;
const sent = { rtp: 0, sip: 0, calls: 0, lost: 0, late: 0 };

function flush() {
  for (let from = 0; from < waiting; ) {
    const done = sendmmsg(fd, base + BigInt(BURST_MAX * (SLOT + 16) + from * 64), waiting - from, 0);
    if (done > 0) from += done;
  }
  sent.rtp += waiting;
  waiting = 0;
}

let seed = 1;
const random = () => {
  seed = (seed * 48271) % 2147483647;
  return seed / 2147483647;
};

const dotted = (octets) => octets.join('.');
const route = (from, to, dscp) => ({
  src: Uint8Array.from(from),
  dst: Uint8Array.from(to),
  dscp,
  ttl: 64,
  vlans: [],
});
const encoder = new TextEncoder();

function sendSip(call, fromCaller, text) {
  const [from, to] = fromCaller ? [call.a, call.b] : [call.b, call.a];
  const frame = udpFrame(route(from, to, 24), 5060, 5060, encoder.encode(text), call.ident++);
  while (send(fd, frame, frame.length, 0) <= 0);
  sent.sip++;
}

function head(call, method, number, tag) {
  const a = dotted(call.a);
  return (
    `Via: SIP/2.0/UDP ${a};branch=z9hG4bK${call.name}-${number}\r\nFrom: <sip:a@${a}>;tag=a\r\n` +
    `To: <sip:b@${dotted(call.b)}>${tag}\r\nCall-ID: ${call.name}@${a}\r\nCSeq: ${number} ${method}\r\nMax-Forwards: 70\r\n`
  );
}

function body(host, port) {
  const ip = dotted(host);
  const text = `v=0\r\no=- 1 1 IN IP4 ${ip}\r\ns=-\r\nc=IN IP4 ${ip}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\n`;
  return `Contact: <sip:x@${ip}>\r\nContent-Type: application/sdp\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
}

function begin(cycle) {
  const number = sent.calls++;
  const port = 10_000 + 4 * (number % 10_000);
  const call = {
    name: `soak-${number}`,
    // A trunk: what leaves one host leaves it in bursts.
    a: [198, 51, 100, 1],
    b: [203, 0, 113, 1],
    port,
    ident: number & 0xffff,
    first: cycle + 1,
    last: cycle + Math.round(((leastS + (mostS - leastS) * random()) * 1000) / CYCLE_MS),
    isLossy: number % LOSSY === 0,
    templates: [],
  };
  const bye = `SIP/2.0\r\n`;
  sendSip(
    call,
    true,
    `INVITE sip:b@${dotted(call.b)} ${bye}${head(call, 'INVITE', 1, '')}${body(call.a, port)}`,
  );
  sendSip(
    call,
    false,
    `SIP/2.0 180 Ringing\r\n${head(call, 'INVITE', 1, ';tag=b')}Content-Length: 0\r\n\r\n`,
  );
  sendSip(call, false, `SIP/2.0 200 OK\r\n${head(call, 'INVITE', 1, ';tag=b')}${body(call.b, port + 2)}`);
  sendSip(
    call,
    true,
    `ACK sip:b@${dotted(call.b)} ${bye}${head(call, 'ACK', 1, ';tag=b')}Content-Length: 0\r\n\r\n`,
  );
  for (const side of [0, 1]) {
    const payload = Uint8Array.from({ length: 12 + OCTETS }, (_, i) => (i * 37 + number) & 0xff);
    payload[0] = 0x80;
    payload[1] = 0;
    new DataView(payload.buffer).setUint32(8, (number * 2 + side + 1) >>> 0);
    const [from, to] = side === 0 ? [call.a, call.b] : [call.b, call.a];
    const [source, target] = side === 0 ? [port, port + 2] : [port + 2, port];
    call.templates.push(udpFrame(route(from, to, 46), source, target, payload, 1));
  }
  return call;
}

function end(call) {
  sendSip(
    call,
    true,
    `BYE sip:b@${dotted(call.b)} SIP/2.0\r\n${head(call, 'BYE', 2, ';tag=b')}Content-Length: 0\r\n\r\n`,
  );
  sendSip(call, false, `SIP/2.0 200 OK\r\n${head(call, 'BYE', 2, ';tag=b')}Content-Length: 0\r\n\r\n`);
}

function media(call, cycle) {
  const k = cycle - call.first;
  for (let side = 0; side < 2; side++) {
    if (side === 0 && call.isLossy && k % 100 === 50 && cycle + 1 < call.last) {
      sent.lost++;
      continue;
    }
    const at = waiting * SLOT;
    frames.set(call.templates[side], at);
    // The sum over the header with another identification (RFC 1624 eq. 3).
    const ident = (k + 2) & 0xffff;
    let sum = (~view.getUint16(at + 24) & 0xffff) + (~view.getUint16(at + 18) & 0xffff) + ident;
    sum = (sum & 0xffff) + (sum >>> 16);
    sum = (sum & 0xffff) + (sum >>> 16);
    view.setUint16(at + 24, ~sum & 0xffff);
    view.setUint16(at + 18, ident);
    view.setUint16(at + 40, 0);
    if (k === 0) view.setUint8(at + 43, 0x80);
    view.setUint16(at + 44, k & 0xffff);
    view.setUint32(at + 46, (k * OCTETS) >>> 0);
    if (++waiting === BURST_MAX) flush();
  }
}

let isStopped = false;
process.stdin.on('end', () => {
  isStopped = true;
});
process.stdin.resume();

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
/** Calls begin spread over the shortest call, and each goes on where the one before it was over. */
const running = new Array(slots).fill(null);
const nextCycle = Array.from({ length: slots }, (_, slot) =>
  Math.floor((slot / slots) * ((leastS * 1000) / CYCLE_MS)),
);
const started = performance.now();
const cycles = (seconds * 1000) / CYCLE_MS;
let stopping = false;
for (let cycle = 0; ; cycle++) {
  stopping ||= isStopped || cycle >= cycles;
  let active = 0;
  // A part of the calls in each step, so that packets are spread over the cycle.
  const STEPS = 10;
  for (let step = 0; step < STEPS; step++) {
    for (let slot = step; slot < slots; slot += STEPS) {
      let call = running[slot];
      if (call === null) {
        if (stopping || cycle < nextCycle[slot]) continue;
        call = begin(cycle);
        running[slot] = call;
        active++;
      } else if (stopping || cycle >= call.last) {
        flush();
        end(call);
        running[slot] = null;
        nextCycle[slot] = cycle + PAUSE_MS / CYCLE_MS;
      } else {
        media(call, cycle);
        active++;
      }
    }
    flush();
    const dueMs = started + (cycle + (step + 1) / STEPS) * CYCLE_MS;
    const leftMs = dueMs - performance.now();
    if (leftMs > 1) await wait(leftMs);
    else if (leftMs < -1000) sent.late++;
  }
  if (stopping && active === 0) break;
}
process.stdin.destroy();
const tookS = (performance.now() - started) / 1000;
process.stdout.write(`${JSON.stringify({ ...sent, tookS })}\n`);
