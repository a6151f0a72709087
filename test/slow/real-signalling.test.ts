import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HepReceiver } from '../../src/capture/hep/receiver.ts';
import { nodeCrypto } from '../../src/cli/tls-crypto.ts';
import { Engine } from '../../src/engine/engine.ts';
import { TcpSignalling } from '../../src/engine/tcp-signalling.ts';
import { encryptedRecord } from '../../src/engine/tls-connection.ts';
import type { CallRecord } from '../../src/records/types.ts';
import { buildScenario } from '../../src/synth/build.ts';
import { TlsKeys } from '../../src/tls/key-log.ts';
import { Connection, Messages } from '../engine/tcp-wire.ts';
import { frame } from '../packet/websocket-frames.ts';
import { compose } from '../sip/examples.ts';
import { makeCredentials, openRelay, type Sent } from '../tls/live-session.ts';
import { type Kamailio, missingKamailio, startKamailio } from './kamailio.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-real-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function request(method: string, callId: string, transport: string): string {
  return compose([
    `${method} sip:bob@127.0.0.1 SIP/2.0`,
    `Via: SIP/2.0/${transport} 127.0.0.1:40000;branch=z9hG4bK${method}${callId};rport`,
    'From: <sip:alice@127.0.0.1>;tag=1',
    'To: <sip:bob@127.0.0.1>',
    `Call-ID: ${callId}`,
    `CSeq: 1 ${method}`,
    'Max-Forwards: 70',
    'Contact: <sip:alice@127.0.0.1:40000>',
  ]);
}

const METHODS = ['INVITE', 'ACK', 'BYE'];
/** What passes: Kamailio answers all but the ACK. */
const DIALOGUE = ['INVITE', '200', 'ACK', 'BYE', '200'];

function starts(texts: readonly string[]): string[] {
  return texts.map((text) => /^SIP\/2\.0 (\d+)|^(\w+)/.exec(text)!.slice(1).join(''));
}

/** What the engine reads in the pieces that a relay noted. */
function read(sent: readonly Sent[], keyLog: string): { messages: Messages; tcp: TcpSignalling } {
  const keys = new TlsKeys();
  keys.add(Buffer.from(keyLog));
  const messages = new Messages();
  const tcp = new TcpSignalling(messages, { decryption: { keys, crypto: nodeCrypto } });
  const connection = new Connection(tcp, 40_000, 5061).open();
  for (const { fromClient, bytes } of sent) connection.send(fromClient, bytes, [1448]);
  connection.close();
  return { messages, tcp };
}

async function talk(
  socket: Socket,
  send: (text: string) => void,
  callId: string,
  via: string,
): Promise<void> {
  for (const method of METHODS) {
    send(request(method, callId, via));
    await pause(150);
  }
  socket.end();
  await pause(100);
}

const UPGRADE = [
  'GET / HTTP/1.1',
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Origin: http://127.0.0.1',
  'Sec-WebSocket-Protocol: sip',
  'Sec-WebSocket-Version: 13',
  '',
  '',
].join('\r\n');

describe.skipIf(missingKamailio !== null)(
  `Kamailio${missingKamailio === null ? '' : ` (skipped: ${missingKamailio})`}`,
  () => {
    let receiver: HepReceiver;
    let kamailio: Kamailio;

    beforeAll(async () => {
      receiver = await HepReceiver.open({ port: 0 });
      kamailio = await startKamailio(receiver.port, 3);
    });
    afterAll(async () => {
      await kamailio.stop();
      await receiver.close();
    });

    test.each(['TLSv1.2', 'TLSv1.3'] as const)('SIP over %s', async (version) => {
      const relay = await openRelay(kamailio.tlsPort);
      const options = {
        host: '127.0.0.1',
        rejectUnauthorized: false,
        minVersion: version,
        maxVersion: version,
      };
      const socket = connectTls({ ...options, port: relay.port });
      let keyLog = '';
      socket.on('keylog', (line: Buffer) => {
        keyLog += line.toString();
      });
      await once(socket, 'secureConnect');
      await talk(socket, (text) => socket.write(text), `real-${version}`, 'TLS');
      relay.close();
      const { messages, tcp } = read(relay.sent, keyLog);
      expect(starts(messages.texts)).toEqual(DIALOGUE);
      expect(encryptedRecord(tcp.tls)).toMatchObject({ tlsConnections: 1, tlsDecrypted: 1 });
    });

    test.each([false, true])('SIP over WebSocket, secure %s', async (secure) => {
      const relay = await openRelay(secure ? kamailio.tlsPort : kamailio.sipPort);
      const socket = secure
        ? connectTls({ host: '127.0.0.1', rejectUnauthorized: false, port: relay.port })
        : connect(relay.port, '127.0.0.1');
      let keyLog = '';
      socket.on('keylog', (line: Buffer) => {
        keyLog += line.toString();
      });
      await once(socket, secure ? 'secureConnect' : 'connect');
      socket.write(UPGRADE);
      await pause(300);
      const mask = [0x9c, 1, 0xff, 0x30];
      await talk(
        socket,
        (text) => socket.write(frame(text, { mask })),
        `real-ws-${secure}`,
        secure ? 'WSS' : 'WS',
      );
      relay.close();
      const { messages, tcp } = read(relay.sent, keyLog);
      expect(starts(messages.texts)).toEqual(DIALOGUE);
      expect(tcp.counters.webSocket).toMatchObject({ bad: 0, compressed: 0 });
    });

    test.each([3, 2] as const)('what it tells a collector in HEP %i', async (version) => {
      const own = version === 3 ? { receiver, kamailio } : await another();
      const socket = createSocket('udp4');
      own.receiver.read();
      const before = own.receiver.counters.messages;
      for (const method of METHODS) {
        socket.send(request(method, `real-hep-${version}`, 'UDP'), own.kamailio.sipPort, '127.0.0.1');
        await pause(100);
      }
      socket.close();
      expect(own.receiver.counters).toMatchObject({ messages: before + 3, malformed: 0 });
      const calls: CallRecord[] = [];
      const engine = new Engine({
        call: (record) => calls.push(record),
        stream: () => {},
        finding: () => {},
      });
      engine.ingest(own.receiver.read()!);
      engine.finish();
      expect(calls.map(({ callId, from }) => [callId, from])).toEqual([
        [`real-hep-${version}`, 'sip:alice@127.0.0.1'],
      ]);
      expect(engine.account()).toMatchObject({
        hep: { messages: 3, clocksCorrected: 0 },
        decoded: { sip: 3 },
      });
      if (version === 2) {
        await own.kamailio.stop();
        await own.receiver.close();
      }
    });

    async function another(): Promise<{ receiver: HepReceiver; kamailio: Kamailio }> {
      const other = await HepReceiver.open({ port: 0 });
      return { receiver: other, kamailio: await startKamailio(other.port, 2) };
    }
  },
);

const missingSngrep = spawnSync('sngrep', ['-V']).status === 0 ? null : 'sngrep is not installed';

describe.skipIf(missingSngrep !== null)(
  `sngrep${missingSngrep === null ? '' : ` (skipped: ${missingSngrep})`}`,
  () => {
    test.each([3, 2] as const)('what it sends a collector in HEP %i', async (version) => {
      const receiver = await HepReceiver.open({ port: 0 });
      const scenario = {
        calls: [
          { callId: 'one@x', durationMs: 500 },
          { callId: 'two@x', outcome: 'busy' as const },
        ],
      };
      const { pcap, truth } = buildScenario(scenario);
      const capture = join(folder, 'sngrep.pcap');
      writeFileSync(capture, pcap);
      const configuration = join(folder, 'sngreprc');
      const settings = [
        'eep.send on',
        `eep.send.version ${version}`,
        'eep.send.address 127.0.0.1',
        `eep.send.port ${receiver.port}`,
      ];
      writeFileSync(configuration, settings.map((setting) => `set ${setting}\n`).join(''));
      const child = spawn('sngrep', ['-N', '-q', '-f', configuration, '-I', capture], {
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      // It may end by itself, or be busy and deaf to a polite signal.
      const ended = once(child, 'exit');
      for (let waited = 0; receiver.counters.messages < truth.capture.sip && waited < 100; waited++)
        await pause(100);
      child.kill('SIGKILL');
      await ended;
      const calls: CallRecord[] = [];
      const engine = new Engine({
        call: (record) => calls.push(record),
        stream: () => {},
        finding: () => {},
      });
      engine.ingest(receiver.read()!);
      engine.finish();
      await receiver.close();
      expect(engine.account().decoded.sip).toBe(truth.capture.sip);
      expect(calls.map(({ callId, state }) => [callId, state]).sort()).toEqual([
        ['one@x', 'answered'],
        ['two@x', 'failed'],
      ]);
      // Its stamps are those of the capture, on its agent's clock.
      expect(calls.find(({ callId }) => callId === 'one@x')!.setup.answerDelayMs).toBeCloseTo(1680, 0);
    });
  },
);

const missingOpenssl = spawnSync('openssl', ['version']).status === 0 ? null : 'openssl is not installed';

describe.skipIf(missingOpenssl !== null)(
  `openssl${missingOpenssl === null ? '' : ` (skipped: ${missingOpenssl})`}`,
  () => {
    test('key updates of both sides (RFC 8446 4.6.3)', async () => {
      const credentials = makeCredentials('ec')!;
      writeFileSync(join(folder, 'key.pem'), credentials.key);
      writeFileSync(join(folder, 'cert.pem'), credentials.cert);
      const probe = await openRelay(0);
      const port = probe.port;
      probe.close();
      await pause(100);
      const files = ['-key', join(folder, 'key.pem'), '-cert', join(folder, 'cert.pem')];
      const server = spawn('openssl', ['s_server', '-accept', `127.0.0.1:${port}`, '-tls1_3', ...files], {
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      await pause(500);
      const relay = await openRelay(port);
      const keyLogPath = join(folder, 'keys.txt');
      const args = ['s_client', '-connect', `127.0.0.1:${relay.port}`, '-tls1_3', '-keylogfile', keyLogPath];
      const client = spawn('openssl', args, { stdio: ['pipe', 'ignore', 'ignore'] });
      await pause(500);
      // K: new key, and the other side shall take one as well; k: a new key only.
      for (const [i, command] of ['K', 'k', 'K', ''].entries()) {
        client.stdin.write(request('OPTIONS', `update-${i}`, 'TLS'));
        await pause(300);
        server.stdin.write(request('OPTIONS', `back-${i}`, 'TLS'));
        await pause(300);
        if (command !== '') client.stdin.write(`${command}\n`);
        await pause(300);
      }
      client.kill();
      server.kill();
      await pause(200);
      relay.close();
      expect(existsSync(keyLogPath)).toBe(true);
      const { messages, tcp } = read(relay.sent, readFileSync(keyLogPath, 'utf8'));
      const ids = messages.texts.map((text) => /Call-ID: (\S+)/.exec(text)![1]);
      expect(ids).toEqual([0, 1, 2, 3].flatMap((i) => [`update-${i}`, `back-${i}`]));
      expect(tcp.tls.undecryptable).toBe(0);
    });
  },
);
