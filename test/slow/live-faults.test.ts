import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MeasuringThreadData } from '../../src/cli/measuring-worker.ts';
import { DEFAULT_SCORING } from '../../src/engine/scoring.ts';
import type { LiveRecord } from '../../src/live/live-records.ts';
import { LiveProbe } from '../../src/live/probe.ts';
import type { Notice } from '../../src/live/thread-messages.ts';
import { build } from '../cli/earshot.ts';
import { hepOf } from '../packet/write-hep.ts';
import { bytesOf, compose } from '../sip/examples.ts';
import { freeUdpPort, runLive } from './live-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-live-faults-'));
beforeAll(build, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const THREAD = fileURLToPath(new URL('../../dist/cli/measuring-worker.js', import.meta.url));

/** An INVITE that is refused at once, as an agent tells it now. */
function refusedCall(callId: string): Uint8Array[] {
  const lines = (start: string, extra: string[] = []): Uint8Array =>
    bytesOf(
      compose([
        start,
        `Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK${callId}`,
        'From: <sip:alice@192.0.2.1>;tag=1',
        `To: <sip:bob@203.0.113.9>${start.startsWith('SIP') ? ';tag=2' : ''}`,
        `Call-ID: ${callId}`,
        'CSeq: 1 INVITE',
        ...extra,
      ]),
    );
  const timeUs = Date.now() * 1000;
  const there = { src: [192, 0, 2, 1], dst: [203, 0, 113, 9], srcPort: 5060, dstPort: 5060 };
  const back = { src: [203, 0, 113, 9], dst: [192, 0, 2, 1], srcPort: 5060, dstPort: 5060 };
  return [
    hepOf(lines('INVITE sip:bob@203.0.113.9 SIP/2.0', ['Max-Forwards: 70']), { ...there, timeUs }),
    hepOf(lines('SIP/2.0 486 Busy Here'), { ...back, timeUs: timeUs + 1000 }),
  ];
}

function sender(port: number) {
  const socket = createSocket('udp4');
  return {
    send: async (messages: readonly Uint8Array[]): Promise<void> => {
      for (const message of messages) {
        await new Promise<void>((resolve) => socket.send(message, port, '127.0.0.1', () => resolve()));
      }
    },
    close: () => socket.close(),
  };
}

describe('a measuring thread that dies', () => {
  test('is started again, says so, and measures on', async () => {
    const port = await freeUdpPort();
    const records: LiveRecord[] = [];
    const notices: Notice[] = [];
    const probe = new LiveProbe({
      canRestart: true,
      spawn: (memory) => {
        const workerData: MeasuringThreadData = {
          memory,
          plan: {
            sources: {
              interfaces: [],
              pipe: false,
              hep: [{ address: { transport: 'udp', host: '127.0.0.1', port }, key: null }],
            },
            engine: { scoring: DEFAULT_SCORING, signalling: {} },
            keylog: null,
          },
          packetsMax: null,
        };
        return new Worker(THREAD, { workerData });
      },
      listener: {
        records: (batch) => records.push(...batch),
        notice: (notice) => notices.push(notice),
      },
    });
    await probe.start();
    const agent = sender(port);
    await agent.send(refusedCall('before'));
    await pause(300);
    await probe.kill();
    const starts = () => records.filter(({ type }) => type === 'start').length;
    while (starts() < 2) await pause(50);
    await pause(300);
    await agent.send(refusedCall('after'));
    agent.close();
    await pause(500);
    probe.stop();
    const { capture, failed } = await probe.ended;
    expect(failed).toBeNull();
    // What was under way is lost, and said to be; nothing else is.
    expect(capture).toMatchObject({ restarts: 1, dropped: 0, hep: { messages: 2 } });
    const calls = records.flatMap((record) => (record.type === 'call' ? [record.callId] : []));
    expect(calls).toEqual(['after']);
    expect(notices).toMatchObject([
      { level: 'error', text: expect.stringContaining('started again'), fields: { deaths: 1 } },
    ]);
  }, 30_000);
});

describe('a main thread that stands still for 200 ms again and again', () => {
  test('costs no message of HEP', async () => {
    const port = await freeUdpPort();
    const live = await runLive(['--hep', `udp:127.0.0.1:${port}`], {
      before: ['-r', './test/slow/block-main.cjs'],
    });
    const agent = sender(port);
    const calls = 4000;
    for (let i = 0; i < calls; i += 40) {
      const batch = Array.from({ length: 40 }, (_, k) => refusedCall(`blocked-${i + k}`)).flat();
      await agent.send(batch);
      await pause(80);
    }
    agent.close();
    expect(await live.stop()).toBe(0);
    expect(live.ofType('capture')[0]).toMatchObject({ dropped: 0, hep: { messages: 2 * calls } });
    const told = new Set(live.ofType('call').map(({ callId }) => callId));
    expect(told.size).toBe(calls);
    const lag = Math.max(0, ...live.ofType('status').map(({ lagMs }) => lagMs.serving));
    if (live.ofType('status').length > 0) expect(lag).toBeGreaterThan(90);
  }, 60_000);
});

const missingNotify =
  spawnSync('systemd-notify', ['--version']).status === 0 && spawnSync('python3', ['-V']).status === 0
    ? null
    : 'systemd-notify or python3 is not installed';

const LISTENER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('bound', flush=True)
out = open(sys.argv[2], 'a')
while True:
    out.write(s.recv(4096).decode().replace('\\n', ' ') + '\\n')
    out.flush()
`;

describe.skipIf(missingNotify !== null)(
  `systemd${missingNotify === null ? '' : ` (skipped: ${missingNotify})`}`,
  () => {
    test('hears that it is ready, that it lives, and that it stops', async () => {
      const [path, heard] = [join(folder, 'notify.sock'), join(folder, 'heard')];
      writeFileSync(heard, '');
      const listener = spawn('python3', ['-c', LISTENER, path, heard], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(listener.stdout, 'data');
      const port = await freeUdpPort();
      const env = { NOTIFY_SOCKET: path, WATCHDOG_USEC: '600000' };
      const live = await runLive(['--hep', `udp:127.0.0.1:${port}`], { env });
      await pause(2500);
      expect(await live.stop()).toBe(0);
      await pause(500);
      listener.kill();
      const said = readFileSync(heard, 'utf8');
      expect(said).toContain('READY=1');
      expect(said.split('WATCHDOG=1').length).toBeGreaterThan(3);
      expect(said).toContain('STOPPING=1');
    }, 30_000);
  },
);
