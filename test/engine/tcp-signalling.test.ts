import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TcpSignalling } from '../../src/engine/tcp-signalling.ts';
import { frame } from '../packet/websocket-frames.ts';
import { BYE, bytesOf, compose, EXAMPLES, INVITE, INVITE_LINES, OK_RESPONSE } from '../sip/examples.ts';
import { Connection, Messages } from './tcp-wire.ts';

function setUp(waitingBytesMax?: number): { messages: Messages; tcp: TcpSignalling } {
  const messages = new Messages();
  return {
    messages,
    tcp: new TcpSignalling(messages, waitingBytesMax === undefined ? {} : { waitingBytesMax }),
  };
}

function counts(tcp: TcpSignalling): Record<string, number> {
  return Object.fromEntries(tcp.discarded().filter(([, n]) => n > 0));
}

describe('SIP over TCP', () => {
  test('many messages in a segment, one in many, keep-alives between (RFC 5626 4.4.1)', () => {
    const { messages, tcp } = setUp();
    const connection = new Connection(tcp).open();
    connection
      .send(true, `\r\n\r\n${INVITE}${BYE}\r\n\r\n`)
      .send(false, OK_RESPONSE, [1])
      .send(false, '\r\n');
    connection.send(true, INVITE, [3, 200]);
    expect(messages.texts).toEqual([INVITE, BYE, OK_RESPONSE, INVITE]);
    expect(counts(tcp)).toEqual({});
  });

  test('a first message longer than what is read of a connection that may be none of SIP', () => {
    const { messages, tcp } = setUp();
    const long = compose(
      [...INVITE_LINES, `X-Ticket: ${'t'.repeat(6000)}`, `Y: ${'u'.repeat(6000)}`],
      'v=0\r\n',
    );
    new Connection(tcp).open().send(true, long, [1448]);
    expect(messages.texts).toEqual([long]);
  });

  test('lost segments cost the message they are in; the next one is read again', () => {
    const { messages, tcp } = setUp();
    const connection = new Connection(tcp).open();
    connection.send(true, INVITE.slice(0, 200)).lose(true, INVITE.length - 200 + 40);
    connection.send(true, BYE.slice(40) + INVITE + BYE);
    expect(messages.texts).toEqual([]);
    tcp.expire(10_000_000);
    expect(messages.texts).toEqual([INVITE, BYE]);
    expect(counts(tcp)).toEqual({ tcp_gap: 1 });
  });

  test('joined in the middle, on any port once a message begins there, and then both ways', () => {
    const { messages, tcp } = setUp();
    const connection = new Connection(tcp, 40_000, 17_000);
    connection.send(true, BYE.slice(50)).send(true, INVITE).send(false, `\r\n\r\n`).send(false, OK_RESPONSE);
    expect(messages.texts).toEqual([INVITE, OK_RESPONSE]);
  });

  test('memory is bounded in all: whoever waits longest loses, and is counted', () => {
    const budget = 200_000;
    const { messages, tcp } = setUp(budget);
    const half = compose(INVITE_LINES, 'b'.repeat(15_000)).slice(0, -5000);
    const connections = Array.from({ length: 100 }, (_, i) => new Connection(tcp, 10_000 + i).open());
    for (const connection of connections) {
      connection.send(true, half, [1448]);
      expect(tcp.waitingOctets).toBeLessThanOrEqual(budget);
    }
    expect(counts(tcp).tcp_buffers_full).toBeGreaterThan(80);
    // The newest still have theirs.
    connections.at(-1)!.send(true, 'b'.repeat(5000));
    expect(messages.texts).toHaveLength(1);
    // Those that lost theirs go on with the next message.
    connections[0]!.send(true, `${'b'.repeat(5000)}\r\n`).send(true, BYE);
    expect(messages.texts.at(-1)).toBe(BYE);
    for (const connection of connections) connection.close();
    expect(tcp.waitingOctets).toBe(0);
  });

  test('memory of half-sent messages without a limit of its own adds up to nothing', () => {
    const { tcp } = setUp(64_000);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(40), fc.nat(3), fc.nat(3000)), { maxLength: 120 }), (steps) => {
        const connections = new Map<number, Connection>();
        for (const [port, what, length] of steps) {
          const connection = connections.get(port) ?? new Connection(tcp, 20_000 + port).open();
          connections.set(port, connection);
          if (what === 0) connection.lose(true, length);
          else if (what === 3) connection.close();
          else
            connection.send(true, what === 1 ? 'x'.repeat(length) : INVITE.slice(0, length % INVITE.length));
          expect(tcp.waitingOctets).toBeGreaterThanOrEqual(0);
          expect(tcp.waitingOctets).toBeLessThanOrEqual(64_000);
        }
        tcp.flush();
        expect(tcp.waitingOctets).toBe(0);
      }),
    );
  });
});

/** RFC 7118 8.1. */
const UPGRADE = [
  'GET / HTTP/1.1',
  'Host: proxy.example.com',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Origin: https://www.example.com',
  'Sec-WebSocket-Protocol: sip',
  'Sec-WebSocket-Version: 13',
  '',
  '',
].join('\r\n');
const SWITCHING = [
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
  'Sec-WebSocket-Protocol: sip',
  '',
  '',
].join('\r\n');
/** Without Content-Length: the frame ends the message (RFC 7118 5.2). */
const REGISTER = [
  'REGISTER sip:proxy.example.com SIP/2.0',
  'Via: SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bKasudf',
  'From: sip:alice@example.com;tag=65bnmj.34asd',
  'To: sip:alice@example.com',
  'Call-ID: aiuy7k9njasd',
  'CSeq: 1 REGISTER',
  'Max-Forwards: 70',
  'Supported: path, outbound, gruu',
  'Contact: <sip:alice@df7jal23ls0d.invalid;transport=ws>',
  '  ;reg-id=1',
  '  ;+sip.instance="<urn:uuid:f81-7dec-14a06cf1>"',
  '',
  '',
].join('\r\n');
const REGISTERED = [
  'SIP/2.0 200 OK',
  'Via: SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bKasudf',
  'From: sip:alice@example.com;tag=65bnmj.34asd',
  'To: sip:alice@example.com;tag=12isjljn8',
  'Call-ID: aiuy7k9njasd',
  'CSeq: 1 REGISTER',
  'Supported: outbound, gruu',
  '',
  '',
].join('\r\n');
const MASK = [0x6b, 0x00, 0xff, 0x13];

describe('SIP over WebSocket (RFC 7118)', () => {
  test.each([5060, 80, 8088])('the registration of RFC 7118 8.1, server port %i', (port) => {
    const { messages, tcp } = setUp();
    const connection = new Connection(tcp, 40_000, port).open();
    connection.send(true, UPGRADE).send(false, SWITCHING);
    connection.send(true, frame(REGISTER, { mask: MASK })).send(false, frame(REGISTERED));
    connection.send(true, frame('\r\n\r\n', { mask: MASK })).send(false, frame('\r\n'));
    connection.send(true, frame(INVITE, { mask: MASK, opcode: 2 }));
    expect(messages.texts).toEqual([REGISTER, REGISTERED, INVITE]);
    expect(counts(tcp)).toEqual({});
  });

  test('the upgrade in the same segment as the first frame', () => {
    const { messages, tcp } = setUp();
    const first = Uint8Array.from([...bytesOf(SWITCHING), ...frame(INVITE)]);
    new Connection(tcp, 40_000, 8080).open().send(true, UPGRADE).send(false, first);
    expect(messages.texts).toEqual([INVITE]);
  });

  test.each([5060, 443])('joined after the upgrade, server port %i', (port) => {
    const { messages, tcp } = setUp();
    const connection = new Connection(tcp, 40_000, port);
    connection.send(true, frame(INVITE, { mask: MASK }).subarray(100));
    connection.send(false, frame(OK_RESPONSE)).send(true, frame(BYE, { mask: MASK }));
    expect(messages.texts).toEqual([OK_RESPONSE, BYE]);
    expect(counts(tcp)).toEqual({});
  });

  test('a lost segment costs the frame it is in', () => {
    const { messages, tcp } = setUp();
    const connection = new Connection(tcp).open().send(true, UPGRADE);
    const whole = frame(INVITE, { mask: MASK });
    connection.send(true, whole).send(true, whole.subarray(0, 300)).lose(true, 100);
    connection.send(true, whole.subarray(400)).send(true, frame(BYE, { mask: MASK }));
    tcp.expire(10_000_000);
    expect(messages.texts).toEqual([INVITE, BYE]);
  });

  test('another protocol over WebSocket is not read, and costs nothing after a while', () => {
    const { messages, tcp } = setUp();
    const connection = new Connection(tcp)
      .open()
      .send(true, UPGRADE.replace('Protocol: sip', 'Protocol: xmpp'));
    for (let i = 0; i < 20; i++)
      connection.send(true, frame(`{"i":${i}${' '.repeat(1000)}}`, { mask: MASK }));
    expect(messages.texts).toEqual([]);
    expect(tcp.waitingOctets).toBe(0);
  });

  test('messages that are no SIP are counted', () => {
    const { messages, tcp } = setUp();
    new Connection(tcp).open().send(true, UPGRADE).send(true, frame('{}')).send(true, frame(BYE));
    expect(messages.texts).toEqual([BYE]);
    expect(counts(tcp)).toEqual({ websocket_not_sip: 1 });
  });

  test('plain HTTP on a SIP port is none of it', () => {
    const { messages, tcp } = setUp();
    const connection = new Connection(tcp).open().send(true, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', [1]);
    connection.send(false, `HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n${'x'.repeat(20_000)}`, [1448]);
    expect(messages.texts).toEqual([]);
    expect(tcp.waitingOctets).toBe(0);
  });

  test('a SIP method with the first letter of HTTP or GET', () => {
    const { messages, tcp } = setUp();
    const hello = compose(['HELLO sip:a@b SIP/2.0', 'Call-ID: 1']);
    const gather = compose(['GATHER sip:a@b SIP/2.0', 'Call-ID: 2']);
    const get = compose(['GET sip:a@b SIP/2.0', 'Call-ID: 2']);
    for (const [i, text] of [hello, gather, get].entries()) {
      new Connection(tcp, 40_000 + i).open().send(true, text + BYE, [1]);
    }
    expect(messages.texts).toEqual([hello, BYE, gather, BYE, get, BYE]);
  });

  test('the same messages however the segments are cut', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 40 });
    const masked = EXAMPLES.map((text, i) => frame(text, { mask: [i, 255 - i, 3 * i, 77] }));
    const client = [bytesOf(UPGRADE), ...masked, frame('p', { opcode: 9, mask: MASK }), ...masked];
    const server = [bytesOf(SWITCHING), ...EXAMPLES.map((text) => frame(text)), frame('', { opcode: 8 })];
    fc.assert(
      fc.property(sizes, sizes, (each, back) => {
        const { messages, tcp } = setUp();
        const connection = new Connection(tcp).open();
        connection.send(true, Buffer.concat(client), each).send(false, Buffer.concat(server), back);
        expect(messages.texts).toEqual([...EXAMPLES, ...EXAMPLES, ...EXAMPLES]);
        expect(counts(tcp)).toEqual({});
      }),
      { numRuns: 150 },
    );
  });
});
