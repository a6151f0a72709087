import type { FindingCode } from '../../src/records/finding-codes.ts';
import type { CallSpec, CaptureSpec, Scenario, StreamSpec } from '../../src/synth/scenario.ts';
import type { T38Spec } from '../../src/synth/t38-spec.ts';
import type { FindingCase, Label } from './case.ts';

const CODECS = ['PCMA', 'PCMU', 'G729', 'G722'];

/** Calls from different networks to different networks, one second apart. */
function many(count: number, spec: (i: number) => Partial<CallSpec>, apartMs = 1000): CallSpec[] {
  return Array.from({ length: count }, (_, i) => ({
    startMs: i * apartMs,
    durationMs: 30_000,
    codec: CODECS[i % CODECS.length]!,
    caller: { user: `a${i}`, ip: `198.51.${100 + (i % 3)}.${10 + i}` },
    callee: { user: `b${i}`, ip: `203.0.${113 + (i % 2)}.${20 + i}` },
    ...spec(i),
  }));
}

/** Both ways the same. */
const both = (stream: StreamSpec): Partial<CallSpec> => ({ callerToCallee: stream, calleeToCaller: stream });

/** The same from one network to another only. */
function between(count: number, spec: (i: number) => Partial<CallSpec>, apartMs = 1000): CallSpec[] {
  return many(
    count,
    (i) => ({
      caller: { user: `a${i}`, ip: `198.51.100.${10 + i}` },
      callee: { user: `b${i}`, ip: `203.0.113.${20 + i}` },
      ...spec(i),
    }),
    apartMs,
  );
}

/** IPv4, IPv6 and under a tag. `allowed`: true as well, with the reason. */
function inWays(
  name: string,
  expected: Label[],
  scenario: Scenario,
  allowed: Partial<Record<FindingCode, string>> = {},
): FindingCase[] {
  return [
    { name, expected, allowed, scenario },
    { name: `${name}, IPv6`, expected, allowed, scenario: { ...scenario, seed: 5, ipv6: true } },
    { name: `${name}, VLAN`, expected, allowed, scenario: { ...scenario, seed: 9, vlans: [7] } },
  ];
}

const mirror = (ratio: number): CaptureSpec => ({ mirrorLoss: { everyMs: 3000, forMs: 80, ratio } });
const rtcp = { intervalMs: 4000 };
/** A link that fails 20 s into the capture, for whoever runs at that time. */
const windowFor = (i: number, atMs: number, durationMs: number): StreamSpec => ({
  loss: { kind: 'windows', windows: [{ atMs: atMs - i * 1000, durationMs }] },
});
const badFrom = (i: number, atMs: number): StreamSpec => ({
  loss: { kind: 'random', ratio: 0.12, fromMs: atMs - i * 1000, untilMs: atMs - i * 1000 + 8000 },
});
/** Media that stops at an age although the call goes on. */
const until = (durationMs: number): StreamSpec => ({ durationMs });

/** The caller suppresses silence, and is muted; some time later nothing comes any more, and goes on coming from the caller. */
const mutedAfter = (mutedMs: number, idleMs: number): Partial<CallSpec> => ({
  durationMs: mutedMs + 60_000,
  callerToCallee: { dtx: { talkMs: mutedMs, silenceMs: 50_000 } },
  calleeToCaller: until(mutedMs + idleMs),
});

/** Times after the beginning of a fax at which it loses a packet or two. */
const FAX_HOLES = Array.from({ length: 30 }, (_, i) => ({ atMs: 1230 + i * 570, durationMs: 60 }));

/** Audio for 4 s, then a fax. */
function fax(t38: T38Spec): CallSpec {
  return {
    durationMs: 28_000,
    codec: 'PCMA',
    caller: { user: 'fax', ip: '198.51.100.77' },
    callee: { user: 'office', ip: '203.0.113.77' },
    callerToCallee: { durationMs: 4000 },
    calleeToCaller: { durationMs: 4000 },
    reinvites: [{ atMs: 4000, by: 'callee', image: 'accepted' }],
    t38: { callerToCallee: { redundancy: 0, ...t38 }, calleeToCaller: {} },
  };
}

/** What falls out of an even loss by chance, and what lacks a message of its own. */
const OF_SAMPLES = {
  sip_retransmissions: 'nobody sends again, but an answer may be missing',
  in_dialog_request_unanswered: 'its answer is not in the sample',
  setup_timeout: 'the answers are not in the sample',
  late_media: 'the first packets are not in the sample',
} as const;
const evenly = (ratio: number): StreamSpec => ({ loss: { kind: 'random', ratio } });
const silent: Partial<CallSpec> = { rtcp: false };

/** Captures that hold a sample of the packets. */
const THINNED: FindingCase[] = [
  ...[0.25, 0.5, 0.85].flatMap((ratio) =>
    inWays(`a sample of the media, ${ratio * 100} %, no reports`, ['capture_thinned'], {
      capture: { sample: { ratio, of: 'media' } },
      calls: many(4, () => silent),
    }),
  ),
  ...inWays(
    'a sample of all packets, no reports',
    ['capture_thinned'],
    {
      capture: { sample: { ratio: 0.8 } },
      calls: many(5, () => silent),
    },
    OF_SAMPLES,
  ),
  ...inWays(
    'a sample of the media, receivers of two report nothing lost',
    ['capture_thinned', 'capture_drops'],
    {
      capture: { sample: { ratio: 0.5, of: 'media' } },
      calls: many(4, (i) => ({ rtcp: i === 0 ? rtcp : false })),
    },
  ),
  ...inWays('a sample of the media of two calls with one gateway', ['capture_thinned'], {
    capture: { sample: { ratio: 0.5, of: 'media' } },
    calls: many(2, () => ({ ...silent, callee: { user: 'gateway', ip: '203.0.113.9' } })),
  }),
  ...inWays(
    'a sample of the media, one of many streams loses more of its own',
    ['capture_thinned', 'random_loss callerToCallee'],
    {
      capture: { sample: { ratio: 0.5, of: 'media' } },
      calls: many(5, (i) => ({ ...silent, ...(i === 2 ? { callerToCallee: evenly(0.4) } : {}) })),
    },
  ),
];

/** Even losses of networks. */
const NOT_THINNED: FindingCase[] = [
  ...inWays('even loss on a link that all calls cross one way', ['random_loss'], {
    calls: many(6, () => ({ ...silent, callerToCallee: evenly(0.15) })),
  }),
  ...inWays('a policer before one site of two, both ways', ['random_loss'], {
    calls: many(6, (i) => ({ ...silent, ...(i < 4 ? both(evenly(0.2)) : {}) })),
  }),
  ...inWays('even loss on all calls, of different amounts', ['random_loss'], {
    calls: many(6, (i) => ({ ...silent, ...both(evenly(0.12 + 0.03 * i)) })),
  }),
  ...inWays('even loss both ways, but not alike', ['random_loss'], {
    calls: many(4, () => ({ ...silent, callerToCallee: evenly(0.14), calleeToCaller: evenly(0.19) })),
  }),
  ...inWays('congestion on all calls, of all codecs', ['burst_loss'], {
    calls: many(6, () => ({ ...silent, ...both({ loss: { kind: 'gilbert', p: 0.06, q: 0.3 } }) })),
  }),
  ...inWays(
    'even loss on all calls in the middle of the capture',
    ['random_loss'],
    {
      calls: many(6, (i) => ({
        ...silent,
        durationMs: 40_000,
        ...both({
          loss: { kind: 'random', ratio: 0.3, fromMs: 12_000 - i * 1000, untilMs: 32_000 - i * 1000 },
        }),
      })),
    },
    { shared_onset: 'they do become bad at one moment' },
  ),
  ...inWays('even loss of one call', ['random_loss'], {
    calls: many(1, () => ({ ...silent, ...both(evenly(0.5)) })),
  }),
  ...inWays('even loss on all calls, one receiver lacks it, too', ['random_loss', 'loss_before_probe'], {
    calls: many(5, (i) => ({ rtcp: i === 4 ? rtcp : false, ...both(evenly(0.2)) })),
  }),
];

export const ACROSS_POSITIVE: FindingCase[] = [
  ...THINNED,
  ...inWays('an overloaded mirror, no reports', ['mirror_oversubscribed'], {
    capture: mirror(0.9),
    calls: many(6, () => ({})),
  }),
  ...inWays('an overloaded mirror, receivers report nothing lost', ['mirror_oversubscribed'], {
    capture: mirror(0.6),
    calls: many(5, () => ({ rtcp })),
  }),
  ...inWays('a capture that stood still, no reports', ['capture_standstill', 'media_interrupted'], {
    capture: { standstills: [{ atMs: 20_000, durationMs: 2500 }] },
    calls: many(4, () => ({ rtcp: false })),
  }),
  ...inWays('a capture that stood still, one receiver reports nothing lost', ['capture_drops'], {
    capture: { standstills: [{ atMs: 20_000, durationMs: 2500 }] },
    calls: many(4, (i) => ({ rtcp: i === 0 ? rtcp : false })),
  }),
  ...[3, 4, 8].flatMap((calls) =>
    inWays(`an overloaded mirror, ${calls} calls with one gateway`, ['mirror_oversubscribed'], {
      capture: mirror(0.9),
      calls: many(calls, (i) => ({ startMs: i * 1003.7, callee: { user: 'gateway', ip: '203.0.113.9' } })),
    }),
  ),
  ...inWays('one link goes bad under five calls', ['random_loss', 'shared_onset'], {
    calls: many(9, (i) => (i < 5 ? { callerToCallee: badFrom(i, 20_000) } : {})),
  }),
  ...inWays('one site goes bad, both ways', ['random_loss', 'shared_onset'], {
    calls: between(4, (i) => both(badFrom(i, 18_000))),
  }),
  ...inWays('a firewall forgets flows after 12 s', ['media_stopped', 'state_timeout'], {
    calls: between(4, () => ({ durationMs: 40_000, calleeToCaller: until(12_000) }), 4000),
  }),
  ...inWays('the same, with fifteen seconds, other calls well', ['media_stopped', 'state_timeout'], {
    calls: between(
      7,
      (i) => ({ durationMs: 36_000, ...(i % 2 === 0 ? { callerToCallee: until(15_000) } : {}) }),
      3000,
    ),
  }),
  ...inWays('a firewall forgets flows that are idle for 30 s', ['media_stopped', 'state_timeout'], {
    calls: between(4, (i) => mutedAfter(12_000 + 4500 * i, 30_000), 4000),
  }),
  ...inWays('the clock is set forward by half a second', ['capture_clock'], {
    capture: { clockSteps: [{ atMs: 20_000, byMs: 500 }] },
    calls: many(4, () => ({ durationMs: 40_000 })),
  }),
  ...inWays('the clock is set forward by three seconds', ['capture_clock'], {
    capture: { clockSteps: [{ atMs: 15_000, byMs: 3000 }] },
    calls: many(4, () => ({})),
  }),
  ...inWays('the clock is set back by half a second', ['capture_clock'], {
    capture: { clockSteps: [{ atMs: 20_000, byMs: -500 }] },
    calls: many(3, () => ({ durationMs: 40_000 })),
  }),
  ...inWays('the clock drifts by 400 ppm', ['capture_clock'], {
    capture: { skewPpm: 400 },
    calls: many(4, () => ({ durationMs: 90_000 })),
  }),
  ...inWays('stamps of ten milliseconds', ['capture_clock'], {
    capture: { resolutionMs: 10 },
    calls: many(2, () => both({ jitter: { kind: 'gauss', sigmaMs: 3 } })),
  }),
  ...inWays('one way passes elsewhere', ['capture_one_sided'], {
    capture: { hideWay: 'calleeToCaller' },
    calls: many(5, () => ({ caller: { ip: '198.51.100.7' }, callee: { ip: '203.0.113.7' } })),
  }),
  ...inWays('one way passes elsewhere, one call with reports', ['capture_one_sided'], {
    capture: { hideWay: 'callerToCallee' },
    calls: many(1, () => ({ rtcp })),
  }),
  ...inWays('all that the callee sends passes elsewhere', ['capture_one_sided'], {
    capture: { hideSide: 'callee' },
    calls: many(3, () => ({ caller: { ip: '198.51.100.7' }, callee: { ip: '203.0.113.7' } })),
  }),
  ...inWays('the clock is set forward by a second, one call', ['capture_clock'], {
    capture: { clockSteps: [{ atMs: 20_000, byMs: 1000 }] },
    calls: many(1, () => ({ durationMs: 45_000 })),
  }),
  ...inWays('all that the callee sends passes elsewhere, the caller reports on it', ['capture_one_sided'], {
    capture: { hideSide: 'callee' },
    calls: many(1, () => ({ rtcp })),
  }),
  ...[50, 90].flatMap((batchMs) =>
    inWays(`stamps in batches of ${batchMs} ms`, ['capture_clock'], {
      capture: { batchMs },
      calls: many(5, (i) => ({ startMs: i * 1003.7 })),
    }),
  ),
  ...inWays('stamps in batches of 20 ms, one stream truly late', ['high_jitter'], {
    capture: { batchMs: 20 },
    calls: many(6, (i) => ({
      startMs: i * 1003.7,
      ...(i === 2 ? { callerToCallee: { jitter: { kind: 'uniform', maxMs: 160 } } } : {}),
    })),
  }),
  ...inWays('a fax beside calls, and an overloaded mirror', ['mirror_oversubscribed'], {
    capture: mirror(0.95),
    calls: [...many(5, (i) => ({ startMs: i * 1003.7 })), fax({})],
  }),
  ...inWays(
    'a fax that loses packets of its own, and an overloaded mirror',
    ['mirror_oversubscribed', 't38_loss'],
    {
      capture: mirror(0.95),
      calls: [
        ...many(5, (i) => ({ startMs: i * 1003.7 })),
        fax({ redundancy: 0, loss: { kind: 'windows', windows: FAX_HOLES } }),
      ],
    },
  ),
  ...inWays('messages cut by the snap length', ['capture_truncated'], {
    capture: { snapLength: 300 },
    calls: many(2, () => ({})),
  }),
];

/** Both legs of calls of telephones behind one link that stands still at times, through a relay that renumbers. */
function relayed(pairs: number): CallSpec[] {
  const relay = { user: 'relay', ip: '203.0.113.9' };
  return Array.from({ length: pairs }, (_, i) => {
    const startMs = i * 6.3;
    const windows = [6000, 11_000, 17_000, 24_000].map((atMs) => ({ atMs: atMs - startMs, durationMs: 130 }));
    const first: StreamSpec = { loss: { kind: 'windows', windows } };
    const second: StreamSpec = { ...first, baseDelayMs: 0.8 };
    const legs: CallSpec[] = [
      {
        caller: { user: `a${i}`, ip: `192.0.2.${10 + i}` },
        callee: relay,
        callerToCallee: first,
        calleeToCaller: second,
      },
      {
        caller: relay,
        callee: { user: `b${i}`, ip: `192.0.2.${60 + i}` },
        callerToCallee: second,
        calleeToCaller: first,
      },
    ];
    return legs.map((leg) => ({ startMs, durationMs: 30_000, ...leg }));
  }).flat();
}

export const ACROSS_NEGATIVE: FindingCase[] = [
  ...NOT_THINNED,
  ...inWays(
    'a link that stands still, with both legs of a relay that renumbers',
    ['burst_loss'],
    { calls: relayed(3) },
    { shared_onset: 'they do become bad at one moment' },
  ),
  ...inWays('many calls, all well', [], { calls: many(8, () => ({ rtcp })) }),
  ...inWays('calls of one length', [], { calls: between(5, () => ({ durationMs: 20_000 }), 5000) }),
  ...inWays(
    'a burst in one direction of one link, receivers lack it too',
    ['burst_loss', 'shared_onset'],
    {
      calls: between(5, (i) => ({ rtcp, callerToCallee: windowFor(i, 15_000, 400) })),
    },
    { loss_before_probe: 'the receivers say so' },
  ),
  ...inWays('one bad call among many', ['random_loss'], {
    calls: many(7, (i) => (i === 2 ? { calleeToCaller: badFrom(i, 12_000) } : {})),
  }),
  ...inWays('a sender with a bad clock', ['clock_drift'], {
    calls: many(4, (i) => ({ durationMs: 90_000, ...(i === 0 ? both({ skewPpm: 1500 }) : {}) })),
  }),
  ...inWays('a path that becomes longer for one call', ['path_change'], {
    calls: many(4, (i) => ({
      durationMs: 60_000,
      ...(i === 1 ? { callerToCallee: { pathChange: { atMs: 25_000, delayMs: 150 } } } : {}),
    })),
  }),
  ...inWays('a link fails over for three calls of eight, both ways alike', ['path_change'], {
    calls: many(8, (i) => ({
      durationMs: 60_000,
      ...(i < 3 ? both({ pathChange: { atMs: 30_000 - i * 1000, delayMs: 35 } }) : {}),
    })),
  }),
  ...inWays('one call without a voice from the callee', ['one_way_media'], {
    calls: many(5, (i) => (i === 1 ? { calleeToCaller: null } : {})),
  }),
  ...inWays('a host that is never heard, while other calls are well', ['one_way_media'], {
    calls: many(6, (i) => ({
      callee: { ip: i < 4 ? '203.0.113.7' : '203.0.113.8' },
      ...(i < 4 ? { calleeToCaller: null } : {}),
    })),
  }),
  ...inWays('senders in step, one of them late', ['high_jitter'], {
    calls: many(8, (i) => ({
      startMs: i * 1000,
      ...(i === 2 ? { callerToCallee: { jitter: { kind: 'uniform', maxMs: 75 } } } : {}),
    })),
  }),
  ...inWays('random loss on all calls', ['random_loss'], {
    calls: many(6, (i) => both({ ssrc: 1000 + i * 7, loss: { kind: 'random', ratio: 0.03 } })),
  }),
];
