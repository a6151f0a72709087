import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadKoffi } from '../../src/capture/live/koffi.ts';
import { build, ROOT } from '../cli/earshot.ts';
import { whyNot } from './lab/lab.ts';
import { runLive } from './live-run.ts';

const NAMESPACE = 'earshot-step';
const [PROBE, SENDER] = ['es-step0', 'es-step1'];

// It is the clock of the whole machine that is set, for eight seconds.
const reason =
  (process.env.EARSHOT_STEP_CLOCK === '1'
    ? null
    : 'it sets the clock of this machine: EARSHOT_STEP_CLOCK=1') ??
  whyNot(['ip', 'date']) ??
  (loadKoffi() === null ? 'koffi is not installed' : null);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function run(program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}

/** Sets the clock of the machine so many seconds ahead, or back. */
function step(seconds: number): void {
  run('date', '-s', `@${(Date.now() / 1000 + seconds).toFixed(6)}`);
}

interface Sent {
  rtp: number;
  calls: number;
}

/** Calls through the interface, at a steady rate, by a clock that is not set. */
function calling(seconds: number): { child: ChildProcess; sent: Promise<Sent> } {
  const task = JSON.stringify({ device: SENDER, calls: 20, seconds, leastS: 60, mostS: 90 });
  const args = ['netns', 'exec', NAMESPACE, process.execPath, 'bench/live/caller.mjs', task];
  const child = spawn('ip', args, { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit'] });
  const said = once(createInterface({ input: child.stdout! }), 'line');
  return { child, sent: said.then(([line]) => JSON.parse(line) as Sent) };
}

describe.skipIf(reason !== null)(
  `a clock that is set${reason === null ? '' : ` (skipped: ${reason})`}`,
  () => {
    beforeAll(() => {
      build();
      run('ip', 'netns', 'add', NAMESPACE);
      run('ip', 'link', 'add', PROBE, 'type', 'veth', 'peer', 'name', SENDER, 'netns', NAMESPACE);
      run('ip', 'link', 'set', PROBE, 'up');
      run('ip', '-n', NAMESPACE, 'link', 'set', SENDER, 'up');
    }, 120_000);
    afterAll(() => {
      spawnSync('ip', ['netns', 'del', NAMESPACE]);
      spawnSync('ip', ['link', 'del', PROBE]);
    });

    test('costs no packet and no call, accuses no network, and is said', async () => {
      const live = await runLive(['-i', PROBE]);
      await live.until('start');
      const { sent } = calling(30);
      await pause(12_000);
      step(5);
      await pause(8000);
      step(-5);
      const { rtp, calls } = await sent;
      // Calls are judged half a minute after their end.
      await live.until('call', () => live.ofType('call').length === calls, 60_000);
      const code = await live.stop();
      expect(code).toBe(0);
      const capture = live.ofType('capture')[0]!;
      expect([capture.decoded.rtp, capture.dropped, capture.restarts]).toEqual([rtp, 0, 0]);
      expect(live.ofType('stream')).toHaveLength(2 * calls);
      expect(capture.trust.reasons.map(({ code: of }) => of)).toContain('capture_clock');
      const codes = new Set(live.ofType('finding').map(({ code: of }) => of));
      expect(codes.has('capture_clock')).toBe(true);
      // One call in ten does lose packets.
      for (const innocent of [
        'high_jitter',
        'queueing',
        'path_change',
        'media_interrupted',
        'sender_paused',
        'late_discard',
        'late_media',
        'clock_rate_mismatch',
      ]) {
        expect(codes.has(innocent), innocent).toBe(false);
      }
    }, 180_000);
  },
);
