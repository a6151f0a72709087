import { inflate } from '../../dist/cli/inflate.js';
import { nodeCrypto } from '../../dist/cli/tls-crypto.js';
import { HepInput, isHep } from '../../dist/engine/hep-input.js';
import { SignallingStream, streamCounters } from '../../dist/engine/signalling-stream.js';
import { PacketView } from '../../dist/packet/view.js';
import { randomFor } from '../../dist/synth/random.js';
import { TlsConnection } from '../../dist/synth/tls-connection.js';
import { TlsKeys } from '../../dist/tls/key-log.js';
import { TlsSession } from '../../dist/tls/session.js';

/** What one connection may hold: two messages of 64 KiB and a segment, twice over. */
const ALLOCATED_MAX = 1 << 20;
const START_US = 1_700_000_000_000_000;

/** Pieces of an input: two octets of length, then so many octets. The last one may be short. */
function* pieces(bytes) {
  for (let at = 0; at + 2 < bytes.length; ) {
    const length = (bytes[at] << 8) | bytes[at + 1];
    yield bytes.subarray(at + 2, at + 2 + length);
    at += 2 + length;
  }
}

/** One direction of a connection: an octet, odd where octets were lost before, then what came. */
export function streamTarget() {
  return (bytes) => {
    const counters = streamCounters();
    let sip = 0;
    let hep = 0;
    const sink = {
      sip: (message) => {
        if (message.length > 65_536) throw new Error(`a message of ${message.length} octets`);
        sip++;
      },
      hep: () => hep++,
    };
    const stream = new SignallingStream(sink, counters);
    for (const piece of pieces(bytes)) {
      if (piece.length === 0) continue;
      if ((piece[0] & 1) === 1) stream.gap();
      stream.push(piece, 1, piece.length - 1);
      if (stream.allocated > ALLOCATED_MAX) throw new Error(`${stream.allocated} octets held`);
    }
    const { messages, controls, oversize, compressed, bad } = counters.webSocket;
    return [sip, hep, messages, controls, oversize, compressed, bad, stream.recognised ? 1 : 0]
      .map((n) => Math.min(n, 4))
      .join(' ');
  };
}

/** The connections whose secrets the target has; the corpus holds what they send. */
export function tlsConnections(below) {
  return ['1.2', '1.3'].map((version) => new TlsConnection(below, version, randomFor(1, 'fuzz', version)));
}

/** A TLS connection: an octet for the side (1) and for a loss before (2), then what came. */
export function tlsTarget() {
  const keys = new TlsKeys();
  for (const { keyLog } of tlsConnections(null)) keys.add(Buffer.from(keyLog));
  return (bytes) => {
    let octets = 0;
    const session = new TlsSession({ keys, crypto: nodeCrypto }, (_side, plain) => {
      octets += plain.length;
    });
    for (const piece of pieces(bytes)) {
      if (piece.length === 0) continue;
      if ((piece[0] & 2) !== 0) session.gap(piece[0] & 1);
      session.push(piece[0] & 1, piece, 1, piece.length - 1);
      if (session.allocated > ALLOCATED_MAX) throw new Error(`${session.allocated} octets held`);
    }
    session.settle();
    if (session.isOver && session.allocated > 0) throw new Error('memory kept after the end');
    return `${session.outcome} ${Math.min(session.undecryptable, 5)} ${32 - Math.clz32(octets)}`;
  };
}

/** Datagrams that may be HEP. */
export function hepTarget() {
  const view = new PacketView();
  return (bytes) => {
    const input = new HepInput({ inflate });
    let way = '';
    for (const piece of pieces(bytes)) {
      if (piece.length === 0 || !isHep(piece, 0, piece.length)) continue;
      const data = new DataView(piece.buffer, piece.byteOffset, piece.length);
      const { length } = piece;
      Object.assign(view, { path: 0, payloadOffset: 0, payloadLength: length, payloadWireLength: length });
      view.timeUs = START_US;
      if (!input.open(view, data, piece, true)) continue;
      way += ` ${input.message.version}${input.message.protocolType}`;
      if (view.payloadOffset + view.payloadLength > input.bytes.length) throw new Error('payload outside');
      if (!Number.isFinite(view.timeUs)) throw new Error(`time ${view.timeUs}`);
    }
    return `${way} ${input.discarded()} ${Math.min(input.clocksCorrected, 3)}`;
  };
}
