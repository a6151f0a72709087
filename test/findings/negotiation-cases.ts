import type { CallSpec } from '../../src/synth/scenario.ts';
import type { FindingCase } from './case.ts';
import {
  ALL,
  AMR,
  AMRWB6,
  BACK,
  cases,
  FORTH,
  G711,
  G722,
  G729,
  OPUS6,
  PCMA6,
  PCMU,
  type Setting,
  SOME,
  streamCases,
  WAYS,
} from './settings.ts';

const CALL: CallSpec = { durationMs: 20_000 };
const ALSO_DIFFER = { allowed: { codec_mismatch: 'the other direction has another codec then' } } as const;

/** Calls of PCMU over which something else is sent. */
const V4: Setting = { name: 'PCMU, IPv4', call: { codec: 'PCMU', offer: ['PCMU'] } };
const V6: Setting = {
  name: 'PCMU, IPv6',
  call: { codec: 'PCMU', offer: ['PCMU'] },
  scenario: { ipv6: true, seed: 3 },
};
const TCP: Setting = {
  name: 'PCMU, SIP over TCP',
  call: { codec: 'PCMU', offer: ['PCMU'], transport: 'tcp' },
  scenario: { vlans: [7] },
};
const NARROW: readonly Setting[] = [V4, V6, TCP];
/** As above, and the caller lists PCMA and G.729 as well. */
const WIDE = NARROW.map(({ name, call, scenario = {} }) => ({
  name,
  scenario,
  call: { ...call, offer: ['PCMU', 'PCMA', 'G729'] },
}));

export const TYPE_CASES: FindingCase[] = [
  ...WAYS.flatMap((way) => [
    ...cases(
      `G.729 that nobody agreed to (${way})`,
      [`payload_type_not_negotiated ${way}`, 'codec_mismatch'],
      NARROW,
      { ...CALL, [way]: { codec: 'G729' } },
    ),
    ...cases(
      `a number of its own (${way})`,
      [`payload_type_not_negotiated ${way}`],
      [OPUS6, AMR, AMRWB6],
      { ...CALL, [way]: { payloadType: 125 } },
      ALSO_DIFFER,
    ),
  ]),
  ...cases(
    'numbers of its own, as its own SDP says',
    ['payload_type_not_negotiated callerToCallee'],
    [AMR, OPUS6],
    {
      ...CALL,
      sdp: { caller: { types: { AMR: 120, opus: 120 } } },
      callerToCallee: { payloadType: 120 },
      calleeToCaller: { payloadType: 120 },
    },
  ),
  ...WAYS.flatMap((way) =>
    cases(
      `the number of telephone-event (${way})`,
      [`payload_type_not_negotiated ${way}`],
      [...NARROW, G722, G729, OPUS6, AMR],
      { ...CALL, [way]: { payloadType: 101 } },
    ),
  ),
  ...cases(
    'the number of telephone-event, with losses and jitter on the way',
    ['payload_type_not_negotiated callerToCallee', 'random_loss callerToCallee'],
    [V4, G729],
    {
      ...CALL,
      callerToCallee: {
        payloadType: 101,
        loss: { kind: 'random', ratio: 0.05 },
        jitter: { kind: 'uniform', maxMs: 15 },
      },
    },
  ),
  ...cases('many keys, each held for long', [], [V4, G729, OPUS6], {
    ...CALL,
    dtmf: { atMs: 1000, digits: '123456789012', toneMs: 1000, gapMs: 60 },
  }),
  ...cases('each side sends the number the other asked for', [], [AMR, OPUS6], {
    ...CALL,
    sdp: { caller: { types: { AMR: 120, opus: 120 } } },
    calleeToCaller: { payloadType: 120 },
  }),
  ...streamCases(
    'a stray packet or two of another codec',
    [],
    NARROW,
    { codecChange: { atMs: 6000, codec: 'PCMA', durationMs: 500 } },
    CALL,
  ),
];

export const CODEC_CASES: FindingCase[] = [
  ...cases('PCMA for 4 s in between', ['codec_changed calleeToCaller'], WIDE, {
    ...CALL,
    calleeToCaller: { codecChange: { atMs: 8000, codec: 'PCMA', durationMs: 4000 } },
  }),
  ...cases('G.729 from then on', ['codec_changed calleeToCaller', 'codec_mismatch'], WIDE, {
    ...CALL,
    calleeToCaller: { codecChange: { atMs: 8000, codec: 'G729' } },
  }),
  ...cases(
    'PCMA from then on, not in the answer',
    ['codec_changed callerToCallee', 'payload_type_not_negotiated callerToCallee', 'codec_mismatch'],
    WIDE,
    {
      ...CALL,
      callerToCallee: { codecChange: { atMs: 8000, codec: 'PCMA' } },
    },
  ),
  ...cases(
    'both change at one moment',
    ['codec_changed calleeToCaller', 'codec_changed callerToCallee'],
    WIDE,
    {
      ...CALL,
      callerToCallee: { codecChange: { atMs: 8000, codec: 'PCMA' } },
      calleeToCaller: { codecChange: { atMs: 8000, codec: 'PCMA' } },
    },
    { allowed: { payload_type_not_negotiated: 'the answer lists PCMU alone' } },
  ),
  ...cases('another codec by re-INVITE', [], WIDE, { ...CALL, reinvites: [{ atMs: 8000, codec: 'PCMA' }] }),
  ...cases('another codec by re-INVITE of the callee', [], WIDE, {
    ...CALL,
    reinvites: [{ atMs: 8000, by: 'callee', codec: 'G729' }],
  }),
  ...cases('the callee sends another one of the offer', ['codec_mismatch'], WIDE, {
    ...CALL,
    calleeToCaller: { codec: 'PCMA' },
  }),
  ...cases('the callee sends G.729', ['codec_mismatch'], WIDE, {
    ...CALL,
    calleeToCaller: { codec: 'G729' },
  }),
  ...cases('another codec for 4 s only', ['codec_changed'], WIDE, {
    ...CALL,
    calleeToCaller: { codec: 'PCMA', codecChange: { atMs: 4000, codec: 'PCMU' } },
  }),
];

const sdp = (ptimeMs: number | null, maxptimeMs?: number) => ({
  ptimeMs,
  ...(maxptimeMs === undefined ? {} : { maxptimeMs }),
});

export const PTIME_CASES: FindingCase[] = [
  ...[40, 60].flatMap((ptimeMs) =>
    streamCases(
      `${ptimeMs} ms where 20 were asked for`,
      ['ptime_mismatch'],
      SOME,
      { ptimeMs },
      { durationMs: 40_000 },
    ),
  ),
  ...streamCases(
    '10 ms where 20 were asked for',
    ['ptime_mismatch'],
    [PCMU, PCMA6, G729],
    { ptimeMs: 10 },
    CALL,
  ),
  ...cases('40 ms where at most 30 are allowed', ['ptime_mismatch callerToCallee'], [PCMU, PCMA6, AMR], {
    durationMs: 40_000,
    sdp: { callee: sdp(null, 30) },
    callerToCallee: { ptimeMs: 40 },
  }),
  ...cases('nobody asked for any', [], SOME, {
    durationMs: 40_000,
    sdp: { caller: sdp(null), callee: sdp(null) },
    callerToCallee: { ptimeMs: 40 },
    calleeToCaller: { ptimeMs: 60 },
  }),
  ...cases('each as the other asked for', [], SOME, {
    durationMs: 40_000,
    sdp: { caller: sdp(40), callee: sdp(20) },
    calleeToCaller: { ptimeMs: 40 },
  }),
  ...cases('20 ms were asked of a codec of 30 ms', [], [PCMU, PCMA6], {
    ...CALL,
    codec: 'G723',
    sdp: { caller: sdp(20), callee: sdp(20) },
  }),
];

export const CLOCK_RATE_CASES: FindingCase[] = [
  ...streamCases(
    'timestamps of G.722 at 16000',
    ['clock_rate_mismatch'],
    [G722, { ...G722, name: 'G.722, IPv6', scenario: { ipv6: true } }],
    { clockRate: 16_000 },
    CALL,
  ),
  ...[16_000, 24_000].flatMap((clockRate) =>
    streamCases(
      `timestamps of opus at ${clockRate}`,
      ['clock_rate_mismatch'],
      [OPUS6, { name: 'opus, IPv4', call: { codec: 'opus' } }],
      { clockRate },
      CALL,
    ),
  ),
  ...streamCases(
    'timestamps of PCMU and AMR at 16000',
    ['clock_rate_mismatch'],
    [PCMU, AMR],
    { clockRate: 16_000 },
    CALL,
  ),
  ...streamCases(
    'timestamps of AMR-WB at 8000',
    ['clock_rate_mismatch'],
    [AMRWB6],
    { clockRate: 8000 },
    CALL,
  ),
];

const SECURE = { profile: 'RTP/SAVP', crypto: true };
const DTLS = { profile: 'UDP/TLS/RTP/SAVPF', fingerprint: true };
const OPTIONAL = { crypto: true };
const NOISE = { encrypted: true };

export const ENCRYPTION_CASES: FindingCase[] = [
  ...cases('SRTP offered, RTP answered', ['encryption_mismatch'], ALL, { ...CALL, sdp: { caller: SECURE } }),
  ...cases('RTP offered, SRTP answered', ['encryption_mismatch'], SOME, { ...CALL, sdp: { callee: SECURE } }),
  ...cases('DTLS offered, RTP answered', ['encryption_mismatch'], SOME, { ...CALL, sdp: { caller: DTLS } }),
  ...cases('SRTP without a key', ['encryption_mismatch'], [PCMU, PCMA6, G729], {
    ...CALL,
    sdp: { caller: { profile: 'RTP/SAVP' }, callee: { profile: 'RTP/SAVP' } },
  }),
  ...WAYS.flatMap((way) =>
    cases(
      `RTP agreed, payloads are encrypted (${way})`,
      [`encryption_mismatch ${way}`],
      [PCMU, PCMA6, G722, G729],
      { ...CALL, [way]: NOISE },
    ),
  ),
  ...cases(
    'SRTP agreed, payloads are in the clear',
    ['encryption_mismatch callerToCallee', 'encryption_mismatch calleeToCaller'],
    G711,
    {
      ...CALL,
      sdp: { caller: SECURE, callee: SECURE },
    },
  ),
  ...cases('SRTP agreed, one way in the clear', ['encryption_mismatch calleeToCaller'], G711, {
    ...CALL,
    sdp: { caller: SECURE, callee: SECURE },
    callerToCallee: NOISE,
  }),
  ...[SECURE, DTLS].flatMap((side) =>
    cases(`${side.profile} on both sides`, [], ALL, {
      ...CALL,
      sdp: { caller: side, callee: side },
      callerToCallee: NOISE,
      calleeToCaller: NOISE,
    }),
  ),
  ...cases('optional, and not taken up', [], SOME, { ...CALL, sdp: { caller: OPTIONAL } }),
  ...cases('optional, and taken up', [], SOME, {
    ...CALL,
    sdp: { caller: OPTIONAL, callee: OPTIONAL },
    callerToCallee: NOISE,
    calleeToCaller: NOISE,
  }),
];

const DIGITS = { atMs: 3000, digits: '1234#' };

export const DIGIT_CASES: FindingCase[] = [
  ...cases('events offered and not answered', ['dtmf_mismatch'], ALL, {
    ...CALL,
    sdp: { callee: { events: null } },
  }),
  ...cases('events answered that were not offered', ['dtmf_mismatch'], SOME, {
    ...CALL,
    sdp: { caller: { events: null } },
  }),
  ...cases('events of a type the callee does not take', ['dtmf_mismatch callerToCallee'], SOME, {
    ...CALL,
    dtmf: { ...DIGITS, payloadType: 97 },
    sdp: { caller: { events: 97 }, callee: { events: 101 } },
  }),
  ...cases('events to a callee who lists none', ['dtmf_mismatch callerToCallee'], [PCMU, PCMA6, G729], {
    ...CALL,
    dtmf: DIGITS,
    sdp: { callee: { events: null } },
  }),
  ...cases('digits as events and by INFO', ['dtmf_mismatch'], SOME, {
    ...CALL,
    dtmf: DIGITS,
    infoDigits: { atMs: 3000, digits: '1234#' },
  }),
  ...cases('digits by INFO, refused with 415', ['dtmf_mismatch'], SOME, {
    ...CALL,
    infoDigits: { atMs: 3000, digits: '12', answer: 415 },
  }),
  ...cases('digits as events', [], ALL, { ...CALL, dtmf: DIGITS }),
  ...cases('digits of the callee as events', [], SOME, { ...CALL, dtmf: { ...DIGITS, from: 'callee' } }),
  ...cases('digits by INFO', [], SOME, { ...CALL, infoDigits: { atMs: 3000, digits: '12' } }),
  ...cases('each side has its own number for events', [], [PCMU, G729], {
    ...CALL,
    dtmf: { ...DIGITS, payloadType: 100 },
    sdp: { caller: { events: 101 }, callee: { events: 100 } },
  }),
  ...cases('no events on either side', [], SOME, {
    ...CALL,
    sdp: { caller: { events: null }, callee: { events: null } },
  }),
];

const SWITCHED: CallSpec = {
  durationMs: 30_000,
  reinvites: [{ atMs: 5000, by: 'callee', image: 'accepted' }],
};

export const FAX_CASES: FindingCase[] = [
  ...cases('called tone (2100 Hz) for 3 s', ['fax_over_audio'], G711, {
    durationMs: 30_000,
    [BACK]: { tone: { atMs: 500, durationMs: 3000, hz: 2100 } },
  }),
  ...cases('calling tones (1100 Hz)', ['fax_over_audio'], G711, {
    durationMs: 30_000,
    [FORTH]: {
      tones: [0, 1, 2, 3, 4, 5, 6, 7].map((n) => ({ atMs: 500 + n * 3500, durationMs: 500, hz: 1100 })),
    },
  }),
  ...cases('T.38 refused, no tones, and the call goes on', [], SOME, {
    durationMs: 40_000,
    reinvites: [{ atMs: 5000, by: 'callee', image: 'refused' }],
  }),
  ...cases('T.38 refused, silence suppression switched off', ['fax_over_audio'], SOME, {
    durationMs: 20_000,
    reinvites: [
      { atMs: 5000, by: 'callee', image: 'refused' },
      { atMs: 5500, by: 'callee', sdp: { silenceSuppression: false } },
    ],
  }),
  ...cases('T.38 accepted', [], ALL, {
    ...SWITCHED,
    callerToCallee: { durationMs: 5200 },
    calleeToCaller: { durationMs: 5200 },
  }),
  ...cases('T.38 accepted after the called tone', [], G711, {
    ...SWITCHED,
    callerToCallee: { durationMs: 5200 },
    calleeToCaller: { durationMs: 5200, tone: { atMs: 500, durationMs: 3000, hz: 2100 } },
  }),
  ...[425, 440, 1000, 1400, 2600].flatMap((hz) =>
    cases(`a tone of ${hz} Hz`, [], [PCMU, PCMA6], {
      durationMs: 20_000,
      [BACK]: { tone: { atMs: 2000, durationMs: 4000, hz } },
    }),
  ),
];
