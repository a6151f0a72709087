import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCapture } from '../../dist/capture/open.js';
import { Engine } from '../../dist/engine/engine.js';
import { createBatch } from '../../dist/packet/batch.js';
import { Fragments } from '../../dist/packet/fragments.js';
import { decodeFrame } from '../../dist/packet/link.js';
import { DECODED, REASON_IP_FRAGMENT } from '../../dist/packet/reasons.js';
import { TcpReassembler } from '../../dist/packet/tcp.js';
import { PacketView } from '../../dist/packet/view.js';
import { looksLikeRtcp } from '../../dist/rtcp/compound.js';
import { RtcpPlane } from '../../dist/rtcp/plane.js';
import { parseRtpHeader, RtpHeader } from '../../dist/rtp/header.js';
import { DEFAULT_RTP_OPTIONS, RtpPlane } from '../../dist/rtp/plane.js';
import { looksLikeSip } from '../../dist/sip/detect.js';
import { SipFramer } from '../../dist/sip/framing.js';
import { parseSipMessage } from '../../dist/sip/message.js';
import { rtpStatsOf } from '../../dist/sip/rtp-stat.js';
import { parseSdp } from '../../dist/sip/sdp.js';
import { vqReportOf } from '../../dist/sip/vq-report.js';
import { icmpTarget, udptlTarget } from './returned-targets.mjs';
import { hepTarget, streamTarget, tlsTarget } from './stream-targets.mjs';

/*
 * A target takes an input, throws when something is wrong, and returns a short text or number that tells which way the
 * input went: inputs that went a new way are kept and changed further. To add one, put it here, its seeds under corpus/.
 */

const text = (...words) => words.map((word) => new TextEncoder().encode(word));
const LINK_TYPES = [1, 0, 1, 9, 12, 50, 51, 101, 104, 105, 108, 113, 127, 219, 228, 229, 239, 252, 276];
const START_US = 1_700_000_000_000_000;

/** Pieces of an input: two octets of length, then so many octets. The last one may be short. */
function* pieces(bytes) {
  for (let at = 0; at + 2 < bytes.length; ) {
    const length = (bytes[at] << 8) | bytes[at + 1];
    yield bytes.subarray(at + 2, at + 2 + length);
    at += 2 + length;
  }
}

function viewOf(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Reads the input as a capture file. */
function captureTarget() {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-fuzz-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'input');
  return (bytes) => {
    // Compressed input starts a thread for each; lz4 and zstd have tests of their own.
    if (bytes.length > 1 && [0x1f8b, 0x28b5, 0x0422].includes((bytes[0] << 8) | bytes[1]))
      return 'compressed';
    writeFileSync(path, bytes);
    const source = openCapture(path, { chunkBytes: 4096 });
    let packets = 0;
    let longest = 0;
    for (let batch = source.read(); batch !== null; batch = source.read()) {
      packets += batch.count;
      for (let i = 0; i < batch.count; i++) {
        const end = batch.offset[i] + batch.capturedLength[i];
        if (batch.capturedLength[i] < 0 || batch.offset[i] < 0 || end > batch.bytes.length)
          throw new Error(`packet ${i} lies outside of its batch`);
        longest = Math.max(longest, batch.capturedLength[i]);
      }
    }
    source.close();
    return `${source.problems.map((problem) => problem.code)} ${Math.min(packets, 9)} ${longest >> 12}`;
  };
}

/** One frame: the first octet picks the link type. */
function linkTarget() {
  const view = new PacketView();
  return (bytes) => {
    const reason = decodeFrame(
      view,
      viewOf(bytes),
      LINK_TYPES[bytes[0] % LINK_TYPES.length],
      1,
      bytes.length,
    );
    if (
      reason === DECODED &&
      (view.payloadOffset < 1 || view.payloadOffset + view.payloadLength > bytes.length)
    )
      throw new Error('the payload lies outside of the frame');
    return `${reason} ${bytes[0] % LINK_TYPES.length} ${view.tunnels} ${view.moreTunnels} ${view.protocol}`;
  };
}

/** Frames that are fragments, one after the other. */
function fragmentTarget() {
  const view = new PacketView();
  return (bytes) => {
    const fragments = new Fragments(() => false, { datagramsMax: 4, bytesMax: 300_000 });
    let way = '';
    let time = START_US;
    for (const frame of pieces(bytes)) {
      view.timeUs = time += frame.length > 60 ? 1000 : 9_000_000;
      let reason = decodeFrame(view, viewOf(frame), 1, 0, frame.length);
      if (reason === REASON_IP_FRAGMENT) reason = fragments.take(view, frame);
      way += ` ${reason}`;
      fragments.expire(time);
    }
    fragments.flush();
    return way.slice(0, 60);
  };
}

/** Segments of one or two connections: an octet each for flags and for how far the number moves, then data. */
function tcpTarget() {
  return (bytes) => {
    const framers = new Map();
    let messages = 0;
    const reassembler = new TcpReassembler({ isStart: looksLikeSip, flowsMax: 4, heldBytesMax: 65_536 });
    const sink = {
      data(flow, data, offset, length, gap) {
        const framer = framers.get(flow) ?? new SipFramer();
        framers.set(flow, framer);
        if (gap) framer.gap();
        framer.push(data, offset, length);
        for (let message = framer.next(); message !== null; message = framer.next()) {
          messages++;
          parseSipMessage(message, 0, message.length, { truncated: false });
        }
      },
      closed: (flow) => framers.delete(flow),
    };
    const ends = [Int32Array.of(0, 0, 0xffff, 1), Int32Array.of(0, 0, 0xffff, 2)];
    const next = [1000, 0x7fff_fff0];
    let time = START_US;
    for (const piece of pieces(bytes)) {
      if (piece.length < 2) continue;
      const from = piece[0] >> 7;
      const seq = (next[from] + ((piece[1] << 24) >> 24)) | 0;
      next[from] = (seq + piece.length - 2) | 0;
      time += (piece[0] & 0x40) !== 0 ? 4e6 : 1000;
      reassembler.segment(
        ends[from],
        5060,
        ends[1 - from],
        5060,
        seq,
        piece[0] & 0x3f,
        piece,
        2,
        piece.length - 2,
        time,
        sink,
      );
      reassembler.expire(time, sink);
    }
    reassembler.flush(sink);
    const { retransmitted, outOfOrder, gaps, stray, evicted } = reassembler.counters;
    return [messages, retransmitted, outOfOrder, gaps, stray, evicted].map((n) => Math.min(n, 5)).join(' ');
  };
}

function sipTarget() {
  return (bytes) => {
    const sip = looksLikeSip(bytes, 0, bytes.length);
    const result = parseSipMessage(bytes, 0, bytes.length, { truncated: (bytes.length & 1) === 1 });
    if (!result.ok) return result.reason;
    const { message } = result;
    const stats = rtpStatsOf(message).length;
    const report = vqReportOf(message) !== null;
    return `${sip} ${message.kind} ${message.method} ${message.problems} ${stats > 0} ${report}`;
  };
}

function sdpTarget() {
  const decoder = new TextDecoder('latin1');
  return (bytes) => {
    const result = parseSdp(decoder.decode(bytes));
    if (!result.ok) return result.reason;
    const { session } = result;
    return `${session.media.length} ${JSON.stringify(session.problems ?? result.problems ?? '')}`;
  };
}

/** The packets of one path: two octets of time in ms/16, then the datagram. */
function* datagrams(bytes, view) {
  let time = START_US;
  for (const piece of pieces(bytes)) {
    if (piece.length < 4) continue;
    time += (((piece[0] << 8) | piece[1]) * 1000) / 16;
    const back = (piece[1] & 1) === 1;
    Object.assign(view, { timeUs: time, src2: 0xffff, dst2: 0xffff, src3: back ? 2 : 1, dst3: back ? 1 : 2 });
    Object.assign(view, { srcPort: 4000, dstPort: 4000, protocol: 17, ident: piece[0], checksum: piece[2] });
    Object.assign(view, {
      payloadOffset: 2,
      payloadLength: piece.length - 2,
      payloadWireLength: piece.length - 2,
    });
    yield piece;
  }
}

/** What must hold for the figures of every stream. */
function checkStream({ packets, expected, lost, lostRatio }) {
  if (expected - lost !== packets || lost < 0) throw new Error(`${expected} - ${lost} is not ${packets}`);
  if (lostRatio !== undefined && !(lostRatio >= 0 && lostRatio <= 1))
    throw new Error(`lostRatio ${lostRatio}`);
}

function rtpTarget() {
  const view = new PacketView();
  const header = new RtpHeader();
  const listener = {
    streamStarted() {},
    streamEnded: (_slot, _key, _number, measured) => checkStream(measured),
  };
  const options = { ...DEFAULT_RTP_OPTIONS, streamsMax: 8, idleUs: 1e8, claimedIdleUs: 1e9 };
  // One plane for all inputs: making one costs more than using it.
  const plane = new RtpPlane(listener, () => true, options);
  return (bytes) => {
    let way = 0;
    for (const piece of datagrams(bytes, view)) {
      const data = viewOf(piece);
      if (!parseRtpHeader(header, data, 2, piece.length - 2, piece.length - 2)) continue;
      way = (Math.imul(way, 5) + plane.receive(header, view, data) + 1) % 997;
      plane.sweep(view.timeUs);
    }
    const streams = plane.table.activeCount;
    plane.retireAll();
    return `${way} ${streams}`;
  };
}

function rtcpTarget() {
  const view = new PacketView();
  return (bytes) => {
    const plane = new RtcpPlane();
    for (const piece of datagrams(bytes, view)) {
      const data = viewOf(piece);
      if (looksLikeRtcp(data, 2, piece.length - 2, piece.length - 2)) plane.receive(view, data, view.timeUs);
      plane.sweep(view.timeUs);
    }
    const { datagrams: taken, packets, faults, malformedBlocks } = plane.counters;
    return `${taken} ${packets} ${Object.values(faults)} ${malformedBlocks}`;
  };
}

function finite(value, path) {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${path} is ${value}`);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  for (const [key, inner] of Object.entries(value)) if (key !== 'intervals') finite(inner, `${path}.${key}`);
}

/** Ethernet frames through everything: two octets of time in ms/16, then the frame. */
function engineTarget() {
  return (bytes) => {
    const codes = new Set();
    const sink = {
      stream(record) {
        checkStream(record);
        finite(record, 'stream');
      },
      call: (record) => finite(record, 'call'),
      finding: (record) => codes.add(record.code),
    };
    const engine = new Engine(sink, { rtp: { streamsMax: 8 } });
    const batch = createBatch(bytes.slice(), 512);
    let time = START_US;
    for (const frame of pieces(bytes)) {
      if (frame.length < 3 || batch.count === 512) continue;
      time += (((frame[0] << 8) | frame[1]) * 1000) / 16;
      const at = batch.count++;
      batch.timeUs[at] = time;
      batch.offset[at] = frame.byteOffset - bytes.byteOffset + 2;
      batch.capturedLength[at] = frame.length - 2;
      batch.originalLength[at] = frame.length - 2;
      batch.linkType[at] = 1;
    }
    engine.ingest(batch);
    engine.finish();
    const account = engine.account();
    finite(account, 'account');
    const { sip, rtp, rtcp } = account.decoded;
    return `${Object.keys(account.discarded)} ${[...codes]} ${[sip, rtp, rtcp].map((n) => 32 - Math.clz32(n))}`;
  };
}

const SIP_WORDS = text(
  '\r\n',
  '\r\n\r\n',
  'Content-Length: ',
  'Content-Type: application/sdp',
  'multipart/mixed;boundary=x',
  'CSeq: 1 INVITE',
  'Via: SIP/2.0/UDP a;branch=z9hG4bK',
  'Call-ID: ',
  ';tag=',
  '"',
  '<sip:',
  '>',
  ',',
  'SIP/2.0 200 OK',
  'INVITE sip:a SIP/2.0',
  'l: 4294967296',
  'P-RTP-Stat: PS=1',
  'Contact: *',
  '%00',
  '[::1]',
  '\r\n ',
);
const SDP_WORDS = text(
  '\r\nm=audio 4000 RTP/AVP 0',
  '\r\na=rtpmap:',
  '\r\na=fmtp:',
  '\r\nc=IN IP4 ',
  'IN IP6 ',
  '\r\na=ptime:',
  '\r\na=crypto:',
  '\r\na=candidate:',
  '\r\na=sendonly',
  'm=image 0 udptl t38',
  '-1',
  '65536',
  '99999999999999999999',
  '/',
  '\0',
);

const STREAM_WORDS = text(
  'GET / HTTP/1.1\r\n',
  'HTTP/1.1 101 ',
  'Upgrade: websocket\r\n',
  'Sec-WebSocket-Protocol: sip\r\n',
  'HEP3',
  '\x01\x7e\x01\x00',
  '\0\0\0\x0f',
);

export const TARGETS = {
  pcap: { make: captureTarget, tokens: [] },
  pcapng: { make: captureTarget, tokens: [] },
  link: { make: linkTarget, tokens: [] },
  fragments: { make: fragmentTarget, tokens: [] },
  tcp: { make: tcpTarget, tokens: SIP_WORDS },
  sip: { make: sipTarget, tokens: SIP_WORDS },
  sdp: { make: sdpTarget, tokens: SDP_WORDS },
  rtp: { make: rtpTarget, tokens: [] },
  rtcp: { make: rtcpTarget, tokens: [] },
  streams: { make: streamTarget, tokens: [...SIP_WORDS, ...STREAM_WORDS] },
  tls: { make: tlsTarget, tokens: [] },
  hep: { make: hepTarget, tokens: STREAM_WORDS },
  icmp: { make: icmpTarget, tokens: [] },
  udptl: { make: udptlTarget, tokens: [] },
  engine: { make: engineTarget, tokens: SIP_WORDS },
};
