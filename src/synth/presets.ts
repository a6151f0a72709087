import type { CallSpec, Scenario } from './scenario.ts';

/** Documentation addresses and numbers of the people in the presets (RFC 5737, 555-01xx). */
const PEOPLE = {
  alice: { user: 'alice', ip: '192.0.2.11', rtpPort: 16384 },
  bob: { user: 'bob', ip: '192.0.2.12', rtpPort: 16400 },
  carol: { user: 'carol', ip: '192.0.2.13', rtpPort: 16416 },
  dave: { user: 'dave', ip: '192.0.2.14', rtpPort: 16432 },
  erin: { user: 'erin', ip: '192.0.2.15', rtpPort: 16448 },
};

/** A number behind the trunk; each call has a media port of its own there. */
function trunk(last2: number): { user: string; ip: string; rtpPort: number } {
  return { user: `55501${last2}`, ip: '203.0.113.20', rtpPort: 30_000 + 4 * last2 };
}

const RTCP = { intervalMs: 5000, tapToCallerMs: 4, tapToCalleeMs: 21 };

/** Eight calls as a small office sees them in half a minute: some good, the others bad for different reasons. */
const DEMO: CallSpec[] = [
  {
    note: 'healthy G.711 call',
    callId: 'healthy-g711@example.com',
    startMs: 0,
    durationMs: 20_000,
    caller: PEOPLE.alice,
    callee: trunk(41),
    rtcp: RTCP,
    callerToCallee: { jitter: { kind: 'gauss', sigmaMs: 0.4 } },
    calleeToCaller: { jitter: { kind: 'gauss', sigmaMs: 0.8 } },
  },
  {
    note: 'bursty loss from the trunk',
    callId: 'bursty-loss@example.com',
    startMs: 1500,
    durationMs: 20_000,
    caller: PEOPLE.bob,
    callee: trunk(42),
    rtcp: RTCP,
    releasedBy: 'callee',
    callerToCallee: { jitter: { kind: 'gauss', sigmaMs: 0.4 } },
    calleeToCaller: { jitter: { kind: 'gauss', sigmaMs: 1 }, loss: { kind: 'gilbert', p: 0.012, q: 0.25 } },
  },
  {
    note: 'heavy jitter towards the trunk',
    callId: 'heavy-jitter@example.com',
    startMs: 4000,
    durationMs: 20_000,
    caller: PEOPLE.carol,
    callee: trunk(43),
    rtcp: RTCP,
    callerToCallee: { jitter: { kind: 'uniform', maxMs: 120 } },
    calleeToCaller: { jitter: { kind: 'gauss', sigmaMs: 1 } },
  },
  {
    note: 'nothing comes back from the trunk',
    callId: 'one-way-audio@example.com',
    startMs: 7000,
    durationMs: 15_000,
    caller: PEOPLE.dave,
    callee: trunk(44),
    callerToCallee: { jitter: { kind: 'gauss', sigmaMs: 0.4 } },
    calleeToCaller: null,
  },
  {
    note: 'healthy G.729 call',
    callId: 'healthy-g729@example.com',
    startMs: 9000,
    durationMs: 30_000,
    codec: 'G729',
    caller: PEOPLE.erin,
    callee: trunk(45),
    rtcp: RTCP,
    callerToCallee: { jitter: { kind: 'gauss', sigmaMs: 0.5 } },
    calleeToCaller: { jitter: { kind: 'gauss', sigmaMs: 1 } },
  },
  {
    note: 'trunk refuses the call',
    callId: 'refused@example.com',
    startMs: 12_000,
    outcome: 'not_found',
    finalCode: 503,
    caller: PEOPLE.dave,
    callee: trunk(46),
  },
  {
    note: 'digits, random loss and copies',
    callId: 'random-loss@example.com',
    startMs: 14_000,
    durationMs: 18_000,
    codec: 'PCMA',
    caller: PEOPLE.alice,
    callee: trunk(47),
    dtmf: { atMs: 4000, digits: '1234#' },
    callerToCallee: {
      jitter: { kind: 'gauss', sigmaMs: 1 },
      loss: { kind: 'random', ratio: 0.03 },
      duplicate: { positions: [100, 300, 301, 500, 700], afterMs: 3 },
    },
    calleeToCaller: { jitter: { kind: 'gauss', sigmaMs: 1 } },
  },
  {
    note: 'caller gives up',
    callId: 'given-up@example.com',
    startMs: 20_000,
    outcome: 'canceled',
    ringMs: [250, 6000],
    caller: PEOPLE.bob,
    callee: trunk(48),
  },
];

function oneCall(call: CallSpec): CallSpec[] {
  return [{ caller: PEOPLE.alice, callee: trunk(41), ...call }];
}

const PRESETS: Record<string, { about: string; scenario: Omit<Scenario, 'seed'> }> = {
  demo: { about: 'eight calls of an office, good and bad', scenario: { calls: DEMO } },
  basic: { about: 'one clean G.711 call', scenario: { calls: oneCall({}) } },
  loss: {
    about: 'random loss of 5 % both ways',
    scenario: {
      calls: oneCall({
        callerToCallee: { loss: { kind: 'random', ratio: 0.05 } },
        calleeToCaller: { loss: { kind: 'random', ratio: 0.05 } },
      }),
    },
  },
  burst: {
    about: 'bursty loss (Gilbert) from the callee',
    scenario: {
      calls: oneCall({ durationMs: 30_000, calleeToCaller: { loss: { kind: 'gilbert', p: 0.01, q: 0.25 } } }),
    },
  },
  jitter: {
    about: 'uniform jitter of 80 ms one way, delay spikes the other',
    scenario: {
      calls: oneCall({
        callerToCallee: { jitter: { kind: 'uniform', maxMs: 80 } },
        calleeToCaller: { jitter: { kind: 'spikes', everyPackets: 100, delayMs: 150 } },
      }),
    },
  },
  oneway: { about: 'no RTP from the callee', scenario: { calls: oneCall({ calleeToCaller: null }) } },
  failed: {
    about: '404, 486, 480, 503 and a canceled call',
    scenario: {
      calls: [
        { outcome: 'not_found' },
        { outcome: 'busy' },
        { outcome: 'no_answer', ringMs: [200, 5000] },
        { outcome: 'not_found', finalCode: 503 },
        { outcome: 'canceled' },
      ],
    },
  },
  dtmf: {
    about: 'digits 0 to 9 by RFC 4733',
    scenario: { calls: oneCall({ dtmf: { atMs: 1000, digits: '0123456789' } }) },
  },
  dtx: {
    about: 'silence suppression with comfort noise',
    scenario: {
      calls: oneCall({
        durationMs: 20_000,
        callerToCallee: { dtx: { talkMs: 2000, silenceMs: 1500, comfortNoise: true } },
        calleeToCaller: { dtx: { talkMs: 1500, silenceMs: 2000, comfortNoise: false } },
      }),
    },
  },
  hold: {
    about: 'hold and resume by re-INVITE',
    scenario: { calls: oneCall({ durationMs: 15_000, hold: { atMs: 5000, durationMs: 4000 } }) },
  },
  rtcp: {
    about: 'RTCP with a round trip of 100 ms, loss before and after the tap',
    scenario: {
      calls: oneCall({
        durationMs: 30_000,
        rtcp: { intervalMs: 3000, tapToCallerMs: 10, tapToCalleeMs: 40 },
        callerToCallee: { lossAfterTap: { kind: 'random', ratio: 0.04 } },
        calleeToCaller: { loss: { kind: 'random', ratio: 0.04 } },
      }),
    },
  },
  nat: {
    about: 'caller behind NAT',
    scenario: {
      calls: oneCall({
        caller: { user: 'alice', ip: '192.168.1.10' },
        natCaller: { ip: '198.51.100.7', port: 41000 },
      }),
    },
  },
  tcp: {
    about: 'SIP over TCP, offer in the 200',
    scenario: { calls: oneCall({ transport: 'tcp', lateSdp: true }) },
  },
  websocket: {
    about: 'SIP over WebSocket, a large offer',
    scenario: { calls: oneCall({ transport: 'ws', offer: ['opus', 'G722', 'PCMU', 'PCMA', 'G729'] }) },
  },
  restart: {
    about: 'sequence restart one way, new SSRC the other, wrap of both numbers',
    scenario: {
      calls: oneCall({
        callerToCallee: {
          startSeq: 65500,
          startTimestamp: 0xffff0000,
          restartAt: { index: 250, seqJump: 20_000, tsJump: 1_000_000 },
        },
        calleeToCaller: { ssrcChangeAt: 250 },
      }),
    },
  },
};

/** The preset of that name with a seed, or undefined. Always a fresh copy. */
export function presetScenario(name: string, seed: number): Scenario | undefined {
  const preset = Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined;
  return preset === undefined ? undefined : structuredClone({ seed, ...preset.scenario });
}

/** Names and what they are about, for help and errors. */
export function presetList(): { name: string; about: string }[] {
  return Object.entries(PRESETS).map(([name, { about }]) => ({ name, about }));
}
