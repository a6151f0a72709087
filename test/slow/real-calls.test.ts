import { beforeAll, describe, expect, test } from 'vitest';
import type { CallRecord } from '../../src/records/types.ts';
import { build } from '../cli/earshot.ts';
import { type Lab, titled, waitMs, whyNot } from './lab/lab.ts';
import { alarms, codesOf, type Replayed } from './lab/replayed.ts';
import {
  boxed,
  type CallOptions,
  captured,
  inLab,
  PUBLIC,
  routeBothWays,
  sippCall,
} from './lab/routed-call.ts';
import { startSipp } from './lab/sipp.ts';
import type { Impairment } from './middlebox/impairment.ts';
import type { BoxTruth } from './middlebox/truth.ts';

const FROM_CALLER = `ip saddr ${PUBLIC.caller} udp sport != 5060`;
const FROM_CALLEE = `ip saddr ${PUBLIC.callee} udp sport != 5060`;

/** The INVITE goes out for the seventh and last time after 31.5 s. */
const TIMED_OUT_MS = 33_000;

/** A table that treats forwarded packets by one rule, and replaces the one before. */
const forwarding = (rule: string): string =>
  `table ip harm\nflush table ip harm
table ip harm { chain forward { type filter hook forward priority 0; ${rule}\n}\n}\n`;

/** One routed call under one rule, seen on both wires of the router. */
function underRule(rule: string | null, options: CallOptions = {}) {
  return inLab(PUBLIC, async (lab) => {
    routeBothWays(lab, PUBLIC);
    if (rule !== null) lab.filter('m', forwarding(rule));
    const seen = await captured(lab, ['to-a', 'to-b'], () => sippCall(lab, PUBLIC, options));
    return { ...seen, counted: lab.counted('m') };
  });
}

/** One call through a box that does something to what the caller sends, seen behind it. */
function underBox(toRight: Impairment) {
  return inLab(PUBLIC, async (lab) => {
    let truth: BoxTruth;
    const seen = await captured(lab, ['to-b'], async () => {
      const call = () => sippCall(lab, PUBLIC, { via: PUBLIC.routerLeft });
      truth = await boxed(lab, PUBLIC, { toRight, toLeft: { delayMs: 5 } }, call);
    });
    return { truth: truth!, report: seen['to-b'] };
  });
}

/** One routed call during which something happens, seen on the callee's wire. */
function midway(talkMs: number, happens: (lab: Lab) => Promise<void>) {
  return inLab(PUBLIC, async (lab) => {
    routeBothWays(lab, PUBLIC);
    const seen = await captured(lab, ['to-b'], async () => {
      await Promise.all([sippCall(lab, PUBLIC, { talkMs }), happens(lab)]);
    });
    return { report: seen['to-b'], counted: lab.counted('m') };
  });
}

/** 97 packets of 576 octets a second for four seconds, none in the fifth, and so on, however late a timer comes. */
const NOISE = `
  const socket = require('node:dgram').createSocket('udp4');
  let lastMs = performance.now();
  let due = 0;
  setInterval(() => {
    const nowMs = performance.now();
    if (nowMs % 5000 < 4000) due += (nowMs - lastMs) * 0.097;
    lastMs = nowMs;
    for (; due >= 1; due--) socket.send(Buffer.alloc(534), 9, process.argv[1]);
  }, 10);
`;
/** With voice it is a little more than this lets through: a quarter of a second of it piles up. */
const NARROW = 'rate 500kbit burst 3000 limit 60000';

const onlyCall = ({ calls }: Replayed): Replayed['calls'][number] => {
  expect(calls).toHaveLength(1);
  return calls[0]!;
};
const way = ({ streams }: Replayed, direction: string): Replayed['streams'] =>
  streams.filter((stream) => stream.direction === direction);

const reason = whyNot(['sipp', 'nft']);
describe.skipIf(reason !== null)(titled('calls of sipp', reason), () => {
  beforeAll(build);

  test.concurrent('the callee is never heard of', async () => {
    const report = await inLab(PUBLIC, async (lab) => {
      routeBothWays(lab, PUBLIC);
      lab.filter('m', forwarding(`ip daddr ${PUBLIC.callee} counter drop`));
      const seen = await captured(lab, ['to-a'], async () => {
        const call = { ip: PUBLIC.caller, calls: 1, talkMs: 1000, peer: `${PUBLIC.callee}:5060` };
        const caller = startSipp(lab, 'a', call);
        await waitMs(TIMED_OUT_MS);
        await caller.stop();
      });
      return seen['to-a'];
    });
    expect(alarms(report)).toEqual(['setup_timeout']);
    expect(onlyCall(report)).toMatchObject({
      state: 'failed',
      finalCode: null,
      verdict: 'signalling',
      findings: ['setup_timeout'],
    });
  });

  test.concurrent('nothing is done to a call: nothing is found', async () => {
    const seen = await underRule(null);
    for (const report of [seen['to-a'], seen['to-b']]) {
      expect(alarms(report)).toEqual([]);
      expect(onlyCall(report)).toMatchObject({ state: 'answered', releasedBy: 'caller', verdict: 'healthy' });
      expect(report.streams.map(({ lost, codec }) => [lost, codec])).toEqual([
        [0, 'PCMA'],
        [0, 'PCMA'],
      ]);
      expect(way(report, 'calleeToCaller')[0]!.packets).toBe(400);
    }
  });

  test.concurrent.each([
    ['callerToCallee', FROM_CALLER, 'to-b'],
    ['calleeToCaller', FROM_CALLEE, 'to-a'],
  ] as const)('media is dropped %s', async (direction, match, wire) => {
    const seen = await underRule(`${match} counter drop`);
    expect(seen.counted[0]).toBeGreaterThan(300);
    expect(alarms(seen[wire])).toEqual([`one_way_media ${direction}`]);
    expect(onlyCall(seen[wire]).verdict).toBe('media');
  });

  test.concurrent.each([
    ['random', 'numgen random mod 100 < 6', 'random_loss'],
    ['in runs of five', 'numgen inc mod 80 < 5', 'burst_loss'],
  ])('packets are dropped %s', async (_, share, code) => {
    const seen = await underRule(`${FROM_CALLER} ${share} counter drop`);
    expect(alarms(seen['to-a'])).toEqual([]);
    expect(alarms(seen['to-b'])).toEqual([`${code} callerToCallee`]);
    const [before] = way(seen['to-a'], 'callerToCallee');
    const [after] = way(seen['to-b'], 'callerToCallee');
    expect(before!.packets - after!.packets).toBe(seen.counted[0]);
    expect(after!.lost).toBe(seen.counted[0]! - (before!.expected - after!.expected));
  });

  test.concurrent('packets are held back unevenly', async () => {
    const { truth, report } = await underBox({ delayMs: 5, jitterMs: 200 });
    expect(alarms(report)).toContain('high_jitter callerToCallee');
    expect(alarms(report).filter((alarm) => /loss|Caller$/.test(alarm))).toEqual([]);
    expect(truth.flows.map(({ dropped }) => dropped.length)).toEqual([0, 0]);
    expect(report.streams.map(({ lost }) => lost)).toEqual([0, 0]);
  });

  test.concurrent('packets overtake each other and come twice: none is lost', async () => {
    const harm = { delayMs: 5, reorderRatio: 0.04, reorderMs: 50, duplicateRatio: 0.04 };
    const { truth, report } = await underBox(harm);
    const flow = truth.flows.find(({ direction }) => direction === 'toRight')!;
    expect(alarms(report).filter((alarm) => /loss/.test(alarm))).toEqual([]);
    expect(codesOf(report)).toContain('reordering');
    expect(way(report, 'callerToCallee')[0]).toMatchObject({
      lost: 0,
      reordered: flow.reordered.length,
      duplicates: flow.duplicated.length,
    });
    expect(flow.reordered.length).toBeGreaterThan(0);
    expect(flow.duplicated.length).toBeGreaterThan(0);
  });

  test.concurrent('the router sends some packets twice: none of it counts twice', async () => {
    const seen = await underRule(`${FROM_CALLER} numgen inc mod 20 == 3 counter dup to ${PUBLIC.callee}`);
    const [before] = way(seen['to-a'], 'callerToCallee');
    const [after] = way(seen['to-b'], 'callerToCallee');
    expect(seen.counted[0]).toBeGreaterThan(15);
    expect(alarms(seen['to-b'])).toEqual([]);
    expect(after).toMatchObject({ packets: before!.packets, octets: before!.octets, lost: 0 });
    // Same IP identification, same octets: the network's copies look like a mirror's.
    const { mirrorDuplicates } = seen['to-b'].capture;
    expect(after!.duplicates + mirrorDuplicates).toBe(seen.counted[0]);
  });

  test.concurrent('media is cut off in the middle', async () => {
    const { report } = await midway(13_000, async (lab) => {
      await waitMs(6000);
      lab.filter('m', forwarding(`${FROM_CALLER} counter drop`));
    });
    expect(alarms(report)).toEqual(['media_stopped callerToCallee']);
  });

  test.concurrent('media is cut off for two seconds', async () => {
    let dropped = 0;
    let openedMs = 0;
    const { report } = await midway(11_000, async (lab) => {
      await waitMs(4000);
      lab.filter('m', forwarding(`${FROM_CALLER} counter drop`));
      await waitMs(2000);
      const countedAt = performance.now();
      dropped = lab.counted('m')[0]!;
      lab.filter('m', forwarding(`${FROM_CALLER} accept`));
      openedMs = performance.now() - countedAt;
    });
    expect(alarms(report)).toEqual(['media_interrupted callerToCallee']);
    // Packets, 20 ms apart, come between the look at the counter and the end of the rule.
    const { lost } = way(report, 'callerToCallee')[0]!;
    expect(lost).toBeGreaterThanOrEqual(dropped);
    expect(lost).toBeLessThanOrEqual(dropped + 2 + Math.ceil(openedMs / 20));
  });

  test.concurrent('voice waits behind other traffic', async () => {
    const { report } = await midway(17_000, async (lab) => {
      lab.narrow('m', 'to-b', NARROW);
      const noise = lab.start('a', [process.execPath, '-e', NOISE, PUBLIC.callee]);
      await waitMs(16_500);
      await noise.stop();
    });
    expect(alarms(report)).toContain('queueing callerToCallee');
    expect(way(report, 'callerToCallee')[0]!.lost).toBe(0);
  });

  test.concurrent.each([
    ['503 Service Unavailable', 503, ['setup_failed']],
    ['488 Not Acceptable Here', 488, ['codec_negotiation_failed']],
    ['486 Busy Here', 486, []],
  ])('the callee says %s', async (refuse, finalCode, found) => {
    const seen = await underRule(null, { refuse });
    expect(onlyCall(seen['to-a'])).toMatchObject({
      state: 'failed',
      finalCode,
    } satisfies Partial<CallRecord>);
    expect(alarms(seen['to-a'])).toEqual(found);
    expect(alarms(seen['to-b'])).toEqual(found);
  });
});
