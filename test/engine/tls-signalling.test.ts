import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { nodeCrypto } from '../../src/cli/tls-crypto.ts';
import { TcpSignalling } from '../../src/engine/tcp-signalling.ts';
import { encryptedRecord } from '../../src/engine/tls-connection.ts';
import { TlsKeys } from '../../src/tls/key-log.ts';
import { frame } from '../packet/websocket-frames.ts';
import { BYE, EXAMPLES, INVITE, OK_RESPONSE } from '../sip/examples.ts';
import {
  type AnyLine,
  type Line,
  type LiveSession,
  liveSession,
  makeCredentials,
} from '../tls/live-session.ts';
import { Connection, Messages } from './tcp-wire.ts';

const credentials = makeCredentials('ec');
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
const SIP: Line[] = [
  { fromClient: true, text: INVITE },
  { fromClient: false, text: `${OK_RESPONSE}\r\n\r\n` },
  { fromClient: true, text: BYE },
];
const MASK = [0x9c, 2, 0xf3, 4];
const WSS: AnyLine[] = [
  {
    fromClient: true,
    text: 'GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: sip\r\n\r\n',
  },
  { fromClient: false, text: 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n' },
  { fromClient: true, text: frame('\r\n\r\n', { mask: MASK }) },
  { fromClient: false, text: frame(OK_RESPONSE) },
  ...EXAMPLES.map((text) => ({ fromClient: true, text: frame(text, { mask: MASK }) })),
];

interface Setup {
  messages: Messages;
  tcp: TcpSignalling;
}

function setUp(keyLog: string | null): Setup {
  const messages = new Messages();
  if (keyLog === null) return { messages, tcp: new TcpSignalling(messages) };
  const keys = new TlsKeys();
  keys.add(Buffer.from(keyLog));
  return { messages, tcp: new TcpSignalling(messages, { decryption: { keys, crypto: nodeCrypto } }) };
}

function play({ sent }: LiveSession, connection: Connection, cut?: readonly number[]): void {
  for (const { fromClient, bytes } of sent) connection.send(fromClient, bytes, cut);
}

const WANTED = [INVITE, OK_RESPONSE, BYE];

describe.skipIf(credentials === null).each(VERSIONS)('SIP over %s (skipped without openssl)', (version) => {
  let live: LiveSession;

  beforeAll(async () => {
    live = await liveSession(SIP, credentials!, { minVersion: version, maxVersion: version });
  });

  test.each([5061, 5060, 443, 17_061])('is read on port %i with keys, from the handshake on', (port) => {
    for (const withSyn of [true, false]) {
      const { messages, tcp } = setUp(live.keyLog);
      const connection = new Connection(tcp, 40_000, port);
      if (withSyn) connection.open();
      play(live, connection);
      connection.close();
      expect(messages.texts).toEqual(WANTED);
      expect(encryptedRecord(tcp.tls)).toMatchObject({
        tlsConnections: 1,
        tlsDecrypted: 1,
        sipTlsSuspected: 0,
      });
      expect(tcp.waitingOctets).toBe(0);
    }
  });

  test('a side that comes late: all messages are known for those of who sent them', () => {
    const { messages, tcp } = setUp(live.keyLog);
    const connection = new Connection(tcp, 40_000, 5061).open();
    for (const fromClient of [true, false]) {
      for (const { bytes } of live.sent.filter((sent) => sent.fromClient === fromClient)) {
        connection.send(fromClient, bytes);
      }
    }
    expect([...messages.texts].sort()).toEqual([...WANTED].sort());
    for (const [i, text] of messages.texts.entries()) {
      expect(messages.ports[i]).toBe(text === OK_RESPONSE ? 5061 : 40_000);
    }
  });

  test('gives the same messages however the segments are cut', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(sizes, (cut) => {
        const { messages, tcp } = setUp(live.keyLog);
        play(live, new Connection(tcp, 40_000, 5061).open(), cut);
        expect(messages.texts).toEqual(WANTED);
      }),
      { numRuns: 40 },
    );
  });

  test('is counted, never silent, without keys', () => {
    const { messages, tcp } = setUp(null);
    for (let i = 0; i < 3; i++) play(live, new Connection(tcp, 40_000 + i, 5061).open());
    play(live, new Connection(tcp, 50_000, 443));
    tcp.flush();
    expect(messages.texts).toEqual([]);
    expect(encryptedRecord(tcp.tls)).toEqual({
      tlsConnections: 3,
      tlsDecrypted: 0,
      sipTlsSuspected: 3,
      unread: { noKeys: 3, noHandshake: 0, unsupported: 0, failed: 0 },
      tlsElsewhere: 1,
    });
  });

  test('with the keys of others only', () => {
    const { tcp } = setUp(`CLIENT_RANDOM ${'ab'.repeat(32)} ${'00'.repeat(48)}`);
    play(live, new Connection(tcp, 40_000, 5061).open());
    tcp.flush();
    expect(encryptedRecord(tcp.tls).unread.noKeys).toBe(1);
    expect(tcp.waitingOctets).toBe(0);
  });

  test('joined after the handshake is known for what it is', () => {
    for (const keyLog of [live.keyLog, null]) {
      const { messages, tcp } = setUp(keyLog);
      const connection = new Connection(tcp, 40_000, 5061);
      // The last records are those of the dialogue and the alerts that end it.
      for (const { fromClient, bytes } of live.sent.slice(-4)) connection.send(fromClient, bytes);
      tcp.flush();
      expect(messages.texts).toEqual([]);
      const { sipTlsSuspected, unread } = encryptedRecord(tcp.tls);
      expect(sipTlsSuspected).toBe(1);
      expect(keyLog === null ? unread.noKeys : unread.noHandshake).toBe(1);
    }
  });

  test('memory of records that wait for keys is bounded in all', () => {
    const keys = new TlsKeys();
    keys.add(Buffer.from(`CLIENT_RANDOM ${'ab'.repeat(32)} ${'00'.repeat(48)}`));
    const messages = new Messages();
    const tcp = new TcpSignalling(messages, {
      decryption: { keys, crypto: nodeCrypto },
      waitingBytesMax: 20_000,
    });
    for (let i = 0; i < 60; i++) {
      play(live, new Connection(tcp, 40_000 + i, 5061).open());
      expect(tcp.waitingOctets).toBeLessThanOrEqual(20_000);
    }
    tcp.flush();
    expect(tcp.waitingOctets).toBe(0);
    expect(encryptedRecord(tcp.tls).sipTlsSuspected).toBeGreaterThan(0);
  });
});

describe.skipIf(credentials === null)('what else TLS may carry', () => {
  test('SIP over secure WebSocket', async () => {
    const live = await liveSession(WSS, credentials!, {});
    const { messages, tcp } = setUp(live.keyLog);
    play(live, new Connection(tcp, 40_000, 8443).open(), [700]);
    expect(messages.texts).toEqual([OK_RESPONSE, ...EXAMPLES]);
  });

  test('something that is no SIP is given up after 8 KiB', async () => {
    const page: Line[] = [
      { fromClient: true, text: 'GET / HTTP/1.1\r\nHost: a\r\n\r\n' },
      { fromClient: false, text: `HTTP/1.1 200 OK\r\n\r\n${'<p>'.repeat(10_000)}` },
      { fromClient: true, text: INVITE },
    ];
    const live = await liveSession(page, credentials!, {});
    const { messages, tcp } = setUp(live.keyLog);
    play(live, new Connection(tcp, 40_000, 443).open());
    expect(messages.texts).toEqual([]);
    expect(tcp.waitingOctets).toBe(0);
    expect(encryptedRecord(tcp.tls)).toMatchObject({ tlsDecrypted: 1, sipTlsSuspected: 0 });
  });
});

test('what only begins like TLS is no connection of it', () => {
  const { tcp } = setUp(null);
  for (const [i, bytes] of [
    [22, 4, 1, 0, 9],
    [23, 3, 3, 0],
    [20, 255],
  ].entries()) {
    new Connection(tcp, 40_000 + i).open().send(true, Uint8Array.from(bytes)).close();
  }
  expect(encryptedRecord(tcp.tls).tlsConnections).toBe(0);
});
