import { beforeAll, describe, expect, test } from 'vitest';
import { nodeCrypto } from '../../src/cli/tls-crypto.ts';
import { TlsKeys } from '../../src/tls/key-log.ts';
import { TlsSession } from '../../src/tls/session.ts';
import { type Line, type LiveSession, liveSession, makeCredentials } from './live-session.ts';
import { keysOf, type Read, records } from './read-session.ts';

const ec = makeCredentials('ec');

describe.skipIf(ec === null).each(['TLSv1.2', 'TLSv1.3'] as const)(
  '%s, when something is missing',
  (version) => {
    const numbered = Array.from(
      { length: 200 },
      (_, i): Line => ({ fromClient: i % 2 === 0, text: `<${i}>` }),
    );
    const isOld = version === 'TLSv1.2';
    let live: LiveSession;
    let parts: LiveSession['sent'];
    /** Index of the first record with application data. */
    let firstData: number;

    beforeAll(async () => {
      live = await liveSession(numbered, ec!, { minVersion: version, maxVersion: version });
      expect(live.protocol).toBe(version);
      parts = records(live);
      firstData = -1;
      let pushed = 0;
      const session = new TlsSession({ keys: keysOf(live.keyLog), crypto: nodeCrypto }, () => {
        if (firstData < 0) firstData = pushed;
      });
      for (const { fromClient, bytes } of parts) {
        session.push(fromClient ? 0 : 1, bytes, 0, bytes.length);
        pushed++;
      }
    });

    function feed(
      pieces: readonly (LiveSession['sent'][number] | 'client lost' | 'server lost')[],
      keyLog = live.keyLog,
    ): Read {
      const keys = keysOf(keyLog);
      const out = ['', ''];
      const session = new TlsSession({ keys, crypto: nodeCrypto }, (side, bytes, gap) => {
        out[side] += `${gap ? '|' : ''}${Buffer.from(bytes).toString()}`;
      });
      for (const piece of pieces) {
        if (typeof piece === 'string') session.gap(piece === 'client lost' ? 0 : 1);
        else session.push(piece.fromClient ? 0 : 1, piece.bytes, 0, piece.bytes.length);
      }
      session.settle();
      return { client: out[0]!, server: out[1]!, session };
    }

    const sentBy = (client: boolean, from = 0): string =>
      numbered
        .slice(from)
        .filter((line) => line.fromClient === client)
        .map((line) => line.text)
        .join('');

    test('records lost in the middle: their number is found again', () => {
      for (const missing of [1, 30, 60, 150]) {
        const pieces = [
          ...parts.slice(0, firstData + 20),
          'client lost',
          'server lost',
          ...parts.slice(firstData + 20 + missing),
        ] as const;
        const { client, server, session } = feed(pieces);
        const { text: nextClient } = numbered.slice(20 + missing).find((line) => line.fromClient)!;
        expect(client.split('|')[1]!.startsWith(nextClient) || missing === 150).toBe(true);
        expect(client.split('|')[0]).toBe(
          numbered
            .slice(0, 20)
            .filter((line) => line.fromClient)
            .map((line) => line.text)
            .join(''),
        );
        expect(client.endsWith('<198>')).toBe(true);
        expect(server.endsWith('<199>')).toBe(true);
        expect(session.outcome).toBe('decrypted');
      }
    });

    test('half a record lost, and what is left of it looks like anything', () => {
      const torn = { fromClient: true, bytes: parts[firstData + 4]!.bytes.subarray(3) };
      const { client } = feed([
        ...parts.slice(0, firstData + 4),
        'client lost',
        torn,
        ...parts.slice(firstData + 5),
      ]);
      expect(client).toBe(sentBy(true).replace('<4>', '|'));
    });

    test('no keys', () => {
      const { client, session } = feed(parts, '# nothing\n');
      expect(client).toBe('');
      expect(session.outcome).toBe('noKeys');
      expect(session.allocated).toBe(0);
    });

    test('keys that come a little late', () => {
      const keys = new TlsKeys();
      let text = '';
      const session = new TlsSession({ keys, crypto: nodeCrypto }, (side, bytes) => {
        if (side === 0) text += Buffer.from(bytes).toString();
      });
      for (const [i, { fromClient, bytes }] of parts.entries()) {
        if (i === firstData + 50) keys.add(Buffer.from(live.keyLog));
        session.push(fromClient ? 0 : 1, bytes, 0, bytes.length);
      }
      expect(text).toBe(sentBy(true));
      expect(session.allocated).toBe(0);
    });

    test('joined after the handshake', () => {
      expect(feed(parts.slice(firstData)).session.outcome).toBe('noHandshake');
      expect(feed(['client lost', 'server lost', ...parts.slice(firstData)]).session.outcome).toBe(
        'noHandshake',
      );
    });

    test('one side only', () => {
      const { client, session } = feed(parts.filter(({ fromClient }) => fromClient));
      expect(client).toBe('');
      expect(session.outcome).toBe('noHandshake');
      expect(feed(parts.filter(({ fromClient }) => !fromClient)).session.outcome).toBe('noHandshake');
    });

    test('the other side comes late: its records wait', () => {
      const sides = [true, false].map((client) => parts.filter(({ fromClient }) => fromClient === client));
      expect(feed([...sides[0]!, ...sides[1]!])).toMatchObject({
        client: sentBy(true),
        server: sentBy(false),
      });
      expect(feed([...sides[1]!, ...sides[0]!])).toMatchObject({
        client: sentBy(true),
        server: sentBy(false),
      });
    });

    test("keys of another session under this one's name", () => {
      const wrong = live.keyLog.replaceAll(/[0-9a-f]{4}(?=\n|$)/g, '0000');
      const { client, session } = feed(parts, wrong);
      expect(client).toBe('');
      expect(session.outcome).toBe('failed');
      expect(session.undecryptable).toBeGreaterThan(10);
    });

    test.runIf(!isOld)('without the secrets of the handshake, the traffic itself is read', () => {
      const traffic = live.keyLog.split('\n').filter((line) => line.includes('_TRAFFIC_SECRET_0'));
      expect(feed(parts, traffic.join('\n'))).toMatchObject({ client: sentBy(true), server: sentBy(false) });
      expect(feed(parts, traffic[0]!).session.outcome).toBe('noKeys');
    });

    test('memory given back in mid-connection', () => {
      const keys = keysOf(live.keyLog);
      let text = '';
      const session = new TlsSession({ keys, crypto: nodeCrypto }, (side, bytes, gap) => {
        if (side === 0) text += `${gap ? '|' : ''}${Buffer.from(bytes).toString()}`;
      });
      for (const [i, { fromClient, bytes }] of parts.entries()) {
        session.push(fromClient ? 0 : 1, bytes, 0, bytes.length);
        if (i === firstData + 9) session.release();
      }
      expect(session.allocated).toBe(0);
      expect(text).toBe(sentBy(true).replace('<10>', '|<10>'));
    });

    test('damaged records are left out and counted', () => {
      const damaged = parts.map(({ fromClient, bytes }, i) => {
        if (i !== firstData + 6) return { fromClient, bytes };
        const bent = bytes.slice();
        bent[bent.length - 1] = bent.at(-1)! ^ 1;
        return { fromClient, bytes: bent };
      });
      const { client, session } = feed(damaged);
      expect(client).toBe(sentBy(true).replace('<6>', '|'));
      expect(session.undecryptable).toBe(1);
    });
  },
);
