import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAddress } from '../../src/packet/address.ts';
import { encapsulationName } from '../../src/packet/encapsulations.ts';
import { HepMessage, looksLikeHep } from '../../src/packet/hep.ts';
import { HepStreamFramer } from '../../src/packet/hep-stream.ts';
import { PacketView, tunnelAt, vlanAt } from '../../src/packet/view.ts';
import { join, type Octets, u16 } from './headers.ts';
import { chunk, DST, hep3, hepOf, oldHep, SRC } from './write-hep.ts';

function parse(octets: Octets, cut = 0): [boolean, HepMessage, DataView] {
  // In the middle of other octets, of which none may be read.
  const bytes = Uint8Array.from(octets);
  const data = new DataView(bytes.buffer, 0, bytes.length - cut);
  const message = new HepMessage();
  return [message.parse(data, 0, bytes.length - cut, bytes.length), message, data];
}

const sip = Buffer.from('OPTIONS sip:a@b SIP/2.0\r\n\r\n');

describe('HepMessage', () => {
  test('a message as the specification draws it, octet by octet', () => {
    // biome-ignore format: one chunk to a line
    const octets = [
      0x48, 0x45, 0x50, 0x33, 0x00, 0x71, // "HEP3", 113 octets in all
      0x00, 0x00, 0x00, 0x01, 0x00, 0x07, 0x02, // IPv4
      0x00, 0x00, 0x00, 0x02, 0x00, 0x07, 0x11, // UDP
      0x00, 0x00, 0x00, 0x03, 0x00, 0x0a, 0xd4, 0xca, 0x00, 0x01, // from 212.202.0.1
      0x00, 0x00, 0x00, 0x04, 0x00, 0x0a, 0x52, 0x74, 0x00, 0xd3, // to 82.116.0.211
      0x00, 0x00, 0x00, 0x07, 0x00, 0x08, 0x2e, 0xea, // from port 12010
      0x00, 0x00, 0x00, 0x08, 0x00, 0x08, 0x13, 0xc4, // to port 5060
      0x00, 0x00, 0x00, 0x09, 0x00, 0x0a, 0x4e, 0x49, 0x82, 0xcb, // 1313440459 s
      0x00, 0x00, 0x00, 0x0a, 0x00, 0x0a, 0x00, 0x01, 0xd4, 0xc0, // 120000 us
      0x00, 0x00, 0x00, 0x0b, 0x00, 0x07, 0x01, // SIP
      0x00, 0x00, 0x00, 0x0c, 0x00, 0x0a, 0x00, 0x00, 0x00, 0xe4, // agent 228
      0x00, 0x00, 0x00, 0x0f, 0x00, 0x14, // 14 octets of payload
      0x49, 0x4e, 0x56, 0x49, 0x54, 0x45, 0x20, 0x73, 0x69, 0x70, 0x3a, 0x62, 0x6f, 0x62,
    ];
    expect(looksLikeHep(Uint8Array.from(octets), 0, octets.length)).toBe(true);
    const [isGood, message, data] = parse(octets);
    expect(isGood).toBe(true);
    expect(message).toMatchObject({
      version: 3,
      protocolType: 1,
      agent: 228,
      timeUs: 1_313_440_459_120_000,
      payloadLength: 14,
      payloadWireLength: 14,
      isCompressed: false,
      keyLength: -1,
    });
    const view = new PacketView();
    view.tos = 184;
    view.ttl = 64;
    expect(message.enter(view, data, true)).toBe(true);
    expect(formatAddress(view.src0, view.src1, view.src2, view.src3)).toBe('212.202.0.1');
    expect(formatAddress(view.dst0, view.dst1, view.dst2, view.dst3)).toBe('82.116.0.211');
    expect(view).toMatchObject({
      srcPort: 12_010,
      dstPort: 5060,
      protocol: 17,
      tos: -1,
      ttl: -1,
      tunnelId: 228,
    });
    expect(encapsulationName(tunnelAt(view, 0))).toBe('hep');
    expect([view.payloadOffset, view.payloadLength, view.payloadWireLength]).toEqual([99, 14, 14]);
  });

  test('IPv6, a VLAN, a key, chunks nobody knows, and those of other vendors', () => {
    const src = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    const dst = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
    const more = [
      chunk(18, u16(300)),
      chunk(4711, [1, 2, 3]),
      chunk(3, [9], 0x0a),
      chunk(17, Buffer.from('id')),
      chunk(19, []),
    ];
    const octets = hepOf(sip, { src, dst, key: 'secret', more });
    const [isGood, message, data] = parse(octets);
    expect(isGood).toBe(true);
    expect(
      Buffer.from(octets.subarray(message.keyOffset, message.keyOffset + message.keyLength)).toString(),
    ).toBe('secret');
    const view = new PacketView();
    message.enter(view, data, false);
    expect(formatAddress(view.src0, view.src1, view.src2, view.src3)).toBe('2001:db8::1');
    expect(formatAddress(view.dst0, view.dst1, view.dst2, view.dst3)).toBe('2001:db8::2');
    expect(vlanAt(view, 0)).toBe(300);
    expect(view.outerKnown).toBe(0);
  });

  test.each<[string, Octets]>([
    ['a length beyond the datagram', join([0x48, 0x45, 0x50, 0x33, 0xff, 0xff], hepOf(sip).subarray(6))],
    ['a chunk beyond the message', hep3(chunk(1, [2]), [0, 0, 0, 15, 0, 200, 1])],
    ['a chunk shorter than its header', hep3([0, 0, 0, 1, 0, 5], chunk(1, [2]))],
    ['a chunk of length 0', hep3([0, 0, 0, 1, 0, 0])],
    ['a cut chunk header', hep3(chunk(1, [2]), [0, 0, 0])],
    ['a family of two octets', hep3(chunk(1, [0, 2]))],
    ['an IPv4 address of 16 octets', hepOf(sip, { more: [chunk(3, new Array(16).fill(1))] })],
    ['a time of two octets', hepOf(sip, { more: [chunk(9, [1, 2])] })],
    ['addresses of two families', hepOf(sip, { more: [chunk(5, new Array(16).fill(1))] })],
    ['no addresses', hep3(chunk(1, [2]), chunk(7, [0, 1]), chunk(8, [0, 1]), chunk(15, sip))],
    ['no ports', hep3(chunk(3, SRC), chunk(4, DST), chunk(15, sip))],
    ['nothing', hep3()],
  ])('refuses %s', (_, octets) => expect(parse(octets)[0]).toBe(false));

  test("octets behind the message are nobody's", () => {
    const [isGood, message] = parse(join(hepOf(sip), [0, 0, 0, 15, 0, 9, 1, 2, 3]));
    expect(isGood).toBe(true);
    expect(message.payloadLength).toBe(sip.length);
  });

  test('a message cut by the snap length keeps what is there of its payload', () => {
    const octets = hepOf(sip);
    const [isGood, message] = parse(octets, 10);
    expect(isGood).toBe(true);
    expect([message.payloadLength, message.payloadWireLength]).toEqual([sip.length - 10, sip.length]);
    expect(parse(octets, sip.length + 3)[0]).toBe(false);
    expect(parse(hep3(chunk(15, sip), chunk(3, SRC)), 8)[0]).toBe(false);
  });

  test.each([true, false])('version 2 in the byte order of its sender, little-endian %s', (littleEndian) => {
    const octets = oldHep(2, sip, 1_700_000_000_123_456, littleEndian);
    expect(looksLikeHep(octets, 0, octets.length)).toBe(true);
    const [isGood, message] = parse(octets);
    expect(isGood).toBe(true);
    expect(message).toMatchObject({
      version: 2,
      protocolType: 1,
      srcPort: 5060,
      dstPort: 5062,
      payloadOffset: 28,
    });
    expect(littleEndian ? message.timeUs : message.swappedTimeUs).toBe(1_700_000_000_123_456);
  });

  test('version 2 as Kamailio 5.6 sends it: the length leaves out the time, TLS is protocol 22', () => {
    const head = '02100216a6e23ad57f0000017f0000014a88016bc5ba0b004d000000';
    const octets = join(Buffer.from(head, 'hex'), sip);
    expect(looksLikeHep(octets, 0, octets.length)).toBe(true);
    const [isGood, message] = parse(octets);
    expect(isGood).toBe(true);
    // 2026-11-21 12:02:18.768709, agent 77.
    expect(message).toMatchObject({
      timeUs: 1_795_262_538_768_709,
      agent: 77,
      srcPort: 42_722,
      dstPort: 15_061,
    });
    expect(message.payloadOffset).toBe(28);
  });

  test('version 1 says no time', () => {
    const [isGood, message, data] = parse(oldHep(1, sip));
    expect(isGood).toBe(true);
    expect(message.timeUs).toBeNaN();
    const view = new PacketView();
    message.enter(view, data, true);
    expect(formatAddress(view.src0, view.src1, view.src2, view.src3)).toBe('192.0.2.1');
    expect(view.tunnelId).toBe(-1);
  });

  test.each<[string, Octets]>([
    ['another version', join([3], oldHep(2, sip).subarray(1))],
    ['no family', join([2, 28, 3], oldHep(2, sip).subarray(3))],
    ['no payload', oldHep(2, [])],
    ['another magic', Buffer.from('HEP4..........')],
    ['a length below the header', [0x48, 0x45, 0x50, 0x33, 0, 5, 0]],
    ['SIP', sip],
  ])('%s is no HEP', (_, octets) => {
    const bytes = Uint8Array.from(octets);
    expect(looksLikeHep(bytes, 0, bytes.length)).toBe(false);
  });

  test('any octets end normally, and nothing beyond them is read', () => {
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .array(fc.tuple(fc.nat(20), fc.uint8Array({ maxLength: 20 }), fc.nat(1)), { maxLength: 12 })
        .map((chunks) => hep3(...chunks.map(([type, value, vendor]) => chunk(type, value, vendor)))),
      fc.tuple(fc.nat(), fc.nat(255)).map(([where, value]) => {
        const octets = hepOf(sip, { key: 'k', more: [chunk(18, [0, 1])] });
        octets[where % octets.length] = value;
        return octets;
      }),
    );
    fc.assert(
      fc.property(any, fc.nat(60), (octets, cut) => {
        const bytes = Uint8Array.from(octets);
        if (!looksLikeHep(bytes, 0, bytes.length - Math.min(cut, bytes.length))) return;
        const [isGood, message, data] = parse(bytes, Math.min(cut, bytes.length));
        if (!isGood) return;
        expect(message.payloadOffset + message.payloadLength).toBeLessThanOrEqual(data.byteLength);
        message.enter(new PacketView(), data, true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('HepStreamFramer', () => {
  const messages = [
    hepOf(sip),
    hepOf(
      'x'
        .repeat(3000)
        .split('')
        .map(() => 120),
    ),
    hepOf(sip, { agent: 3 }),
  ];
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

  function drain(framer: HepStreamFramer): string[] {
    const got: string[] = [];
    for (let message = framer.next(); message !== null; message = framer.next()) got.push(hex(message));
    return got;
  }

  test('gives the same messages however the stream is cut', () => {
    const stream = join(...messages, ...messages);
    const sizes = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(sizes, (cuts) => {
        const framer = new HepStreamFramer();
        const got: string[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = Math.min(cuts[i % cuts.length]!, stream.length - at);
          framer.push(stream, at, size);
          got.push(...drain(framer));
          at += size;
        }
        expect(got).toEqual([...messages, ...messages].map(hex));
        expect(framer.allocated).toBe(0);
      }),
    );
  });

  test('finds the next message behind a gap and behind rubbish', () => {
    const framer = new HepStreamFramer();
    const [first] = messages;
    framer.gap();
    framer.push(first!, 30, first!.length - 30);
    framer.push(first!, 0, first!.length);
    expect(drain(framer)).toEqual([hex(first!)]);
    expect(framer.counters.resyncs).toBe(0);
    const rubbish = Buffer.from('HEHHEP3\0\0HTTP');
    framer.push(rubbish, 0, rubbish.length);
    framer.push(first!, 0, first!.length);
    expect(drain(framer)).toEqual([hex(first!)]);
    expect(framer.counters).toEqual({ messages: 2, resyncs: 1 });
  });

  test('survives any octets within its bounds', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (pieces) => {
        const framer = new HepStreamFramer();
        for (const piece of pieces) {
          framer.push(piece, 0, piece.length);
          drain(framer);
          expect(framer.allocated).toBeLessThan(140_000);
        }
      }),
    );
  });
});
