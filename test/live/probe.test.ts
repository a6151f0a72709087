import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { LiveCaptureError } from '../../src/capture/live/live-source.ts';
import type { RingHandles } from '../../src/capture/live/packet-socket.ts';
import type { LiveRecord } from '../../src/live/live-records.ts';
import { LiveProbe } from '../../src/live/probe.ts';
import type { Notice } from '../../src/live/thread-messages.ts';

const START = `
const { parentPort, workerData, threadId } = require('node:worker_threads');
const shared = new Int32Array(workerData.memory);
const post = (message) => parentPort.postMessage(message);
const begin = () => post({ kind: 'started', start: { time: null, sources: [] } });
const close = (capture = {}) => { post({ kind: 'closing', capture, failed: null }); parentPort.close(); };
`;

/** A probe whose threads run these programs, one after the other; the last one again and again. */
function probe(programs: readonly string[], canRestart = true, nowMs?: () => number) {
  const records: LiveRecord[] = [];
  const notices: Notice[] = [];
  const released: RingHandles[] = [];
  let spawned = 0;
  const live = new LiveProbe({
    canRestart,
    release: (ring) => released.push(ring),
    ...(nowMs === undefined ? {} : { nowMs }),
    spawn: (memory) => {
      const program = programs[Math.min(spawned++, programs.length - 1)]!;
      return new Worker(START + program, { eval: true, workerData: { memory }, stderr: true });
    },
    listener: {
      records: (batch) => records.push(...batch),
      notice: (notice) => notices.push(notice),
    },
  });
  return { live, records, notices, released };
}

const STOPS = "begin(); parentPort.on('message', () => close({ packets: 5 }));";

describe('the serving side', () => {
  test('begins, takes records and credits them, and ends with the closing account', async () => {
    const told = Array.from({ length: 300 }, () => ({ type: 'interval' }));
    const program = `
      begin();
      post({ kind: 'records', records: ${JSON.stringify(told)} });
      post({ kind: 'notice', notice: { level: 'info', text: 'hello', fields: {} } });
      parentPort.on('message', () => close({ packets: Atomics.load(shared, 0) }));`;
    const { live, records, notices } = probe([program]);
    await live.start();
    while (records.length < 301) await new Promise((resolve) => setTimeout(resolve, 5));
    live.stop();
    const { capture, failed } = await live.ended;
    expect(failed).toBeNull();
    // The thread has seen that its records were taken.
    expect(capture).toMatchObject({ packets: 300, restarts: 0 });
    expect(records.map(({ type }) => type)).toEqual(['start', ...told.map(() => 'interval'), 'capture']);
    expect(notices).toEqual([{ level: 'info', text: 'hello', fields: {} }]);
  });

  test('gives back what a thread that died held, and nothing of one that stopped', async () => {
    const ring = "post({ kind: 'holding', rings: [{ descriptor: 7, address: 4096n, length: 8192 }] });";
    const dies = `${ring} begin(); setTimeout(() => { throw new Error('a fault') }, 5);`;
    const { live, records, released } = probe([dies, `${ring} ${STOPS}`]);
    await live.start();
    while (records.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    live.stop();
    await live.ended;
    expect(released).toEqual([{ descriptor: 7, address: 4096n, length: 8192 }]);
  });

  test('starts a thread that died again, says it and counts it', async () => {
    const dies = "begin(); setTimeout(() => { throw new Error('a fault') }, 5);";
    const lives = `${STOPS} post({ kind: 'records', records: [{ type: 'status', restarts: 0 }] });`;
    const { live, records, notices } = probe([dies, lives]);
    await live.start();
    while (!records.some(({ type }) => type === 'status')) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    live.stop();
    expect(await live.ended).toMatchObject({ failed: null, capture: { restarts: 1 } });
    expect(records.filter(({ type }) => type === 'start')).toMatchObject([{ run: 1 }, { run: 2 }]);
    expect(records.find(({ type }) => type === 'status')).toMatchObject({ restarts: 1 });
    expect(notices).toMatchObject([{ level: 'error', fields: { cause: 'a fault', deaths: 1 } }]);
  });

  test('ends a thread that gives no sign of life, and starts another', async () => {
    // Time passes with every look at the clock, twenty seconds each.
    let nowMs = 0;
    const hangs = 'begin(); setTimeout(() => { for (;;); }, 5);';
    const { live, records, notices } = probe([hangs, STOPS], true, () => (nowMs += 20_000));
    await live.start();
    while (records.filter(({ type }) => type === 'start').length < 2) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    live.stop();
    expect((await live.ended).failed).toBeNull();
    expect(notices[0]!.fields.cause).toBe('it gave no sign of life for 60 s');
  });

  test('gives up where the input cannot be read on', async () => {
    const { live, notices } = probe(['begin(); setTimeout(() => process.exit(3), 5);'], false);
    await live.start();
    const { capture, failed } = await live.ended;
    expect(capture).toBeNull();
    expect(failed).toBe('measuring died, and a pipe cannot be read on: it ended without a word');
    expect(notices).toEqual([]);
  });

  test('a thread that cannot begin is an error with its remedy', async () => {
    const refuses =
      "post({ kind: 'refused', code: 'no_such_interface', message: 'no eth9; there is eth0' });";
    const { live } = probe([`${refuses} parentPort.close();`]);
    await expect(live.start()).rejects.toThrow(LiveCaptureError);
    expect(await live.ended).toEqual({ capture: null, failed: 'no eth9; there is eth0' });
  });

  test('a thread whose program is broken is an error, too', async () => {
    const { live } = probe(["throw new Error('no such module')"]);
    await expect(live.start()).rejects.toThrow('measuring could not be started: no such module');
  });

  test('a thread that ends before it began keeps nobody waiting', async () => {
    const { live } = probe(['close();'], false);
    await expect(live.start()).rejects.toThrow(/ended before it began/);
    expect(await live.ended).toMatchObject({ failed: null });
  });

  test('stops while it waits to start again', async () => {
    const { live, notices } = probe(["begin(); setTimeout(() => { throw new Error('x') }, 5);"]);
    await live.start();
    while (notices.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    live.stop();
    expect((await live.ended).capture).toBeNull();
    expect(live.deaths).toBe(1);
  });
});
