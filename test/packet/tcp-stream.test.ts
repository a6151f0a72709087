/** Whole streams: any way to cut, shuffle and repeat segments must give the same SIP messages. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TcpReassembler, type TcpSink } from '../../src/packet/tcp.ts';
import { looksLikeSip } from '../../src/sip/detect.ts';
import { SipFramer } from '../../src/sip/framing.ts';
import { bytesOf, EXAMPLES, parsed } from '../sip/examples.ts';
import { walkPcap } from '../sip/pcap-walk.ts';
import { Feed, ipv4 } from './tcp-feed.ts';

/** What the composer does: a framer per flow, fed by the reassembler. */
class Composer implements TcpSink {
  readonly tcp = new TcpReassembler({ isStart: looksLikeSip });
  readonly messages: Uint8Array[] = [];
  readonly #framers = new Map<number, SipFramer>();

  get flows(): number {
    return this.#framers.size;
  }

  data(flowId: number, bytes: Uint8Array, offset: number, length: number, gapBefore: boolean): void {
    let framer = this.#framers.get(flowId);
    if (framer === undefined) {
      framer = new SipFramer();
      this.#framers.set(flowId, framer);
    }
    if (gapBefore) framer.gap();
    framer.push(bytes, offset, length);
    for (let message = framer.next(); message !== null; message = framer.next()) {
      this.messages.push(message);
      this.tcp.accept(flowId);
    }
  }

  closed(flowId: number): void {
    this.#framers.delete(flowId);
  }
}

const stream = bytesOf(`${EXAMPLES.join('')}\r\n\r\n${EXAMPLES.toReversed().join('')}`);
const expected = [...EXAMPLES, ...EXAMPLES.toReversed()];

interface Piece {
  readonly at: number;
  readonly length: number;
}

/** Cuts the stream into pieces of the sizes given, over and over. */
function cut(sizes: readonly number[]): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < stream.length; ) {
    const length = Math.min(sizes[pieces.length % sizes.length]!, stream.length - at);
    pieces.push({ at, length });
    at += length;
  }
  return pieces;
}

/** Moves each piece back by up to 15 places, and repeats some, extended to both sides. */
function disorder(pieces: readonly Piece[], delays: readonly number[], copies: readonly number[]): Piece[] {
  const sent = pieces.flatMap((piece, i) => {
    const order = i + delays[i % delays.length]!;
    const copy = copies[i % copies.length]!;
    if (copy === 0) return [{ order, piece }];
    const at = Math.max(0, piece.at - copy);
    const again = { at, length: Math.min(stream.length, piece.at + piece.length + copy) - at };
    return [
      { order, piece },
      { order: order + copy, piece: again },
    ];
  });
  return sent.sort((a, b) => a.order - b.order).map(({ piece }) => piece);
}

const sizes = fc.array(fc.integer({ min: 20, max: 1460 }), { minLength: 1, maxLength: 30 });
const delays = fc.array(fc.nat(15), { minLength: 1, maxLength: 40 });
const copies = fc.array(fc.constantFrom(0, 0, 0, 1, 5, 9), { minLength: 1, maxLength: 20 });
const start = fc.oneof(
  fc.constantFrom(0, 0xffff_ffff, 0xffff_fc00, 0x7fff_ff00),
  fc.integer({ min: 0, max: 0xffff_ffff }),
);

describe('a SIP stream over TCP', () => {
  it('gives the same messages however it is cut, shuffled and repeated', () => {
    fc.assert(
      fc.property(sizes, delays, copies, start, (each, late, twice, isn) => {
        const composer = new Composer();
        const src = ipv4(1);
        const dst = ipv4(2);
        composer.tcp.segment(src, 40_000, dst, 5060, isn, 2, stream, 0, 0, 0, composer);
        for (const { at, length } of disorder(cut(each), late, twice)) {
          composer.tcp.segment(src, 40_000, dst, 5060, isn + 1 + at, 16, stream, at, length, 0, composer);
        }
        expect(composer.messages.map((message) => Buffer.from(message).toString())).toEqual(expected);
        expect(composer.tcp.counters.gaps).toBe(0);
        expect(composer.tcp.heldBytes).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('loses only the messages that a missing segment touches', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 400 }), fc.nat(1000), (size, which) => {
        const composer = new Composer();
        const pieces = cut([size]);
        const missing = which % pieces.length;
        const src = ipv4(1);
        const dst = ipv4(2);
        composer.tcp.segment(src, 40_000, dst, 5060, 0, 2, stream, 0, 0, 0, composer);
        for (const [i, { at, length }] of pieces.entries()) {
          if (i === missing) continue;
          composer.tcp.segment(src, 40_000, dst, 5060, 1 + at, 16, stream, at, length, 0, composer);
        }
        composer.tcp.expire(3_000_000, composer);
        const got = composer.messages.map((message) => Buffer.from(message).toString());
        // Every message is one of those sent, in order, and a segment touches at most three of them.
        expect(expected.filter((message) => got.includes(message)).length).toBeGreaterThanOrEqual(3);
        expect(got.length).toBeGreaterThanOrEqual(3);
        for (const message of got) expect(expected).toContain(message);
      }),
      { numRuns: 200 },
    );
  });

  it('survives any segments within its bounds', () => {
    const segment = fc.record({
      port: fc.nat(5),
      seq: fc.oneof(fc.nat(3000), fc.integer({ min: 0, max: 0xffff_ffff })),
      flags: fc.constantFrom(0, 0, 0, 0, 1, 2, 4, 3, 5, 7),
      length: fc.nat(300),
      extra: fc.constantFrom(0, 0, 0, 40),
      wait: fc.constantFrom(0, 1000, 4_000_000, -5_000_000),
    });
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 200 }), (segments) => {
        const feed = new Feed({
          flowsMax: 3,
          heldBytesMax: 2000,
          heldBytesPerFlow: 900,
          heldSegmentsPerFlow: 5,
        });
        for (const { port, seq, flags, length, extra, wait } of segments) {
          feed.srcPort = port;
          feed.timeUs += wait;
          feed.send(seq, 'x'.repeat(length), flags, length + extra);
          expect(feed.tcp.heldBytes).toBeLessThanOrEqual(2000);
          expect(feed.tcp.flows).toBeLessThanOrEqual(3);
        }
        feed.tcp.flush(feed.out);
        expect(feed.tcp.heldBytes).toBe(0);
        expect(feed.tcp.flows).toBe(0);
        expect(new Set(feed.out.closedIds).size).toBe(feed.out.closedIds.length);
      }),
      { numRuns: 400 },
    );
  });
});

const folder = new URL('../../../shared/pcaps/', import.meta.url);
const files = existsSync(folder) ? readdirSync(folder).filter((name) => /\.pcap(ng)?$/.test(name)) : [];

interface Reference {
  readonly sip: {
    readonly frames_tcp: number;
    readonly messages_by_fields: number;
    readonly methods: Readonly<Record<string, number>>;
    readonly call_ids: number;
  } | null;
}

/** Where the walker of these tests sees less than tshark. */
const UNSEEN: Readonly<Record<string, string>> = {
  'sngrep__ipip.pcap': 'half of it is IP in IP',
  'pcpp__sip_resp.pcap': 'has UDP messages as well; its references count both',
};

describe.skipIf(files.length === 0)('captures (skipped when ../shared/pcaps is absent)', () => {
  const withTcp = files.flatMap((name): [string, NonNullable<Reference['sip']>][] => {
    const path = new URL(`ref/${name}.json`, folder);
    if (!existsSync(path)) return [];
    const { sip } = JSON.parse(readFileSync(path, 'utf8')) as Reference;
    return sip !== null && sip.frames_tcp > 0 && UNSEEN[name] === undefined ? [[name, sip]] : [];
  });

  it.each(withTcp)('%s', (name, sip) => {
    const composer = new Composer();
    for (const packet of walkPcap(new URL(name, folder).pathname)) {
      if (packet.protocol !== 'tcp') continue;
      const { sourcePort, destinationPort, payload, sequence, flags, timeUs } = packet;
      const src = Int32Array.of(0, 0, 0xffff, packet.source);
      const dst = Int32Array.of(0, 0, 0xffff, packet.destination);
      const { length } = payload;
      composer.tcp.segment(
        src,
        sourcePort,
        dst,
        destinationPort,
        sequence,
        flags,
        payload,
        0,
        length,
        timeUs,
        composer,
      );
    }
    composer.tcp.flush(composer);
    const messages = composer.messages.map((bytes) => parsed(bytes));
    expect(messages.length).toBe(sip.messages_by_fields);
    const requests = messages.filter(({ kind }) => kind === 'request');
    for (const [method, count] of Object.entries(sip.methods)) {
      expect(requests.filter((message) => message.method === method)).toHaveLength(count);
    }
    expect(new Set(messages.map(({ callId }) => callId)).size).toBe(sip.call_ids);
    expect(composer.tcp.counters).toMatchObject({ gaps: 0, evicted: 0, stray: 0 });
  });
});
