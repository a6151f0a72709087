import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import { build } from '../cli/earshot.ts';
import { compose } from '../sip/examples.ts';
import { type Kamailio, missingKamailio, startKamailio } from './kamailio.ts';
import { freeUdpPort, runLive } from './live-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-live-'));
beforeAll(build, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function request(method: string, callId: string, cseq: number, extra: string[] = []): string {
  return compose([
    `${method} sip:bob@127.0.0.1 SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:40000;branch=z9hG4bK${method}${callId};rport`,
    'From: <sip:alice@127.0.0.1>;tag=1',
    'To: <sip:bob@127.0.0.1>',
    `Call-ID: ${callId}`,
    `CSeq: ${cseq} ${method}`,
    'Max-Forwards: 70',
    'Contact: <sip:alice@127.0.0.1:40000>',
    ...extra,
  ]);
}

describe.skipIf(missingKamailio !== null)(
  `Kamailio${missingKamailio === null ? '' : ` (skipped: ${missingKamailio})`}`,
  () => {
    // Both wait for the same half minute.
    test.concurrent.each([3, 2] as const)(
      'calls that it tells in HEP %i end, are judged and told',
      async (version) => {
        const port = await freeUdpPort();
        const live = await runLive(['--hep', `udp:127.0.0.1:${port}`]);
        const kamailio: Kamailio = await startKamailio(port, version);
        const socket = createSocket('udp4');
        const ids = Array.from({ length: 20 }, (_, i) => `live-${version}-${i}`);
        const say = async (method: string, cseq: number): Promise<void> => {
          for (const id of ids) socket.send(request(method, id, cseq), kamailio.sipPort, '127.0.0.1');
          await pause(400);
        };
        await say('INVITE', 1);
        await say('ACK', 1);
        await say('BYE', 2);
        socket.close();
        await kamailio.stop();
        // Nothing more comes: time alone ends the calls, and the judgement waits its 20 s.
        await live.until('call', ({ callId }) => callId === ids.at(-1), 60_000);
        const calls = live.ofType('call');
        expect(calls.map(({ callId }) => callId).sort()).toEqual([...ids].sort());
        expect(new Set(calls.map(({ from }) => from))).toEqual(new Set(['sip:alice@127.0.0.1']));
        // It tells what it received: the requests, and none of its own answers.
        expect(await live.stop()).toBe(0);
        const [closing] = live.ofType('capture');
        expect(closing).toMatchObject({ dropped: 0, hep: { messages: 60 }, decoded: { sip: 60 } });
        expect(live.ofType('status').length).toBeGreaterThan(1);
      },
      120_000,
    );
  },
);

const missingSngrep = spawnSync('sngrep', ['-V']).status === 0 ? null : 'sngrep is not installed';

describe.skipIf(missingSngrep !== null)(
  `sngrep${missingSngrep === null ? '' : ` (skipped: ${missingSngrep})`}`,
  () => {
    test.concurrent.each([3, 2] as const)(
      'the calls of a capture that it sends in HEP %i',
      async (version) => {
        const port = await freeUdpPort();
        const live = await runLive(['--hep', `udp:127.0.0.1:${port}`]);
        const calls = [
          { callId: 'one@x', durationMs: 500 },
          { callId: 'two@x', outcome: 'busy' as const },
          { callId: 'three@x', outcome: 'answered' as const, startMs: 200, durationMs: 1500 },
        ];
        const { pcap, truth } = buildScenario({ calls });
        const capture = join(folder, `sngrep-${version}.pcap`);
        writeFileSync(capture, pcap);
        const settings = [
          'eep.send on',
          `eep.send.version ${version}`,
          'eep.send.address 127.0.0.1',
          `eep.send.port ${port}`,
        ];
        const configuration = join(folder, `sngreprc-${version}`);
        writeFileSync(configuration, settings.map((setting) => `set ${setting}\n`).join(''));
        const child = spawn('sngrep', ['-N', '-q', '-f', configuration, '-I', capture], {
          stdio: ['pipe', 'ignore', 'ignore'],
        });
        const ended = once(child, 'exit');
        await pause(4000);
        child.kill('SIGKILL');
        await ended;
        expect(await live.stop()).toBe(0);
        const told = live.ofType('call').map(({ callId, state }) => [callId, state]);
        expect(told.sort()).toEqual([
          ['one@x', 'answered'],
          ['three@x', 'answered'],
          ['two@x', 'failed'],
        ]);
        const [closing] = live.ofType('capture');
        expect(closing?.decoded.sip).toBe(truth.capture.sip);
        // Its stamps are those of the capture, on its agent's clock.
        const one = live.ofType('call').find(({ callId }) => callId === 'one@x');
        expect(one?.setup.answerDelayMs).toBeCloseTo(1680, 0);
      },
    );
  },
);
