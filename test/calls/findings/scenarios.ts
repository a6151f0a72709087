import type { CallSpec, Scenario } from '../../../src/synth/scenario.ts';
import type { SignallingSpec } from '../../../src/synth/signalling-spec.ts';

/** A capture and the findings about signalling that it must give, no more and no less, told by whoever wrote it. */
export interface Case {
  name: string;
  scenario: Scenario;
  codes: string[];
}

/** A call of 12 s with clean media both ways. */
function plain(signalling: SignallingSpec = {}, call: Partial<CallSpec> = {}): CallSpec {
  return { durationMs: 12_000, codec: 'PCMA', signalling, ...call };
}

/** A call without media. */
function silent(signalling: SignallingSpec = {}, call: Partial<CallSpec> = {}): CallSpec {
  return plain(signalling, { callerToCallee: null, calleeToCaller: null, ...call });
}

/** The three ways every case is played: UDP over IPv4, TCP, and UDP over IPv6 under a VLAN tag. */
type Way = 'udp' | 'tcp' | 'ipv6';

const WAYS: readonly Way[] = ['udp', 'tcp', 'ipv6'];

function scenarioOf(call: CallSpec, way: Way, more: Partial<Scenario>): Scenario {
  const calls: CallSpec[] = [{ ...call, transport: way === 'tcp' ? 'tcp' : 'udp' }];
  const scenario: Scenario = { seed: 11, calls, ...more };
  return way === 'ipv6' ? { ...scenario, ipv6: true, vlans: [42] } : scenario;
}

/** One call, played in several ways. */
function call(
  name: string,
  codes: string[],
  spec: CallSpec,
  more: Partial<Scenario> = {},
  ways: readonly Way[] = WAYS,
): Case[] {
  return ways.map((way) => ({ name: `${name}, ${way}`, codes, scenario: scenarioOf(spec, way, more) }));
}

const UDP_ONLY: readonly Way[] = ['udp', 'ipv6'];
/** Long enough for every timer of the last seconds. */
const LATER = { untilMs: 120_000 };

/** What must be found. */
export const POSITIVE: Case[] = [
  ...[403, 404, 500, 502, 503, 504].flatMap((finalCode) =>
    call(`refused with ${finalCode}`, ['setup_failed'], silent({}, { outcome: 'not_found', finalCode })),
  ),
  ...call(
    'credentials refused',
    ['setup_failed'],
    silent({ refusals: [407] }, { outcome: 'not_found', finalCode: 407 }),
  ),
  ...call(
    'a loop that ends with 483',
    ['setup_failed'],
    silent({ loops: 8 }, { outcome: 'not_found', finalCode: 483 }),
    {},
    UDP_ONLY,
  ),
  ...call('INVITE without any answer', ['setup_timeout'], silent({}, { outcome: 'unreachable' }), LATER),
  ...call(
    '408 without ringing',
    ['setup_timeout'],
    silent({}, { outcome: 'not_found', finalCode: 408, ringMs: 5000 }),
  ),
  ...call('ringing after 7 s', ['slow_setup'], plain({}, { ringMs: [7000, 1000] })),
  ...call('early media after 9 s', ['slow_setup'], plain({}, { ringMs: [9000, 1000], earlyMedia: true })),
  ...call(
    'ringing after 8 s, then busy',
    ['slow_setup'],
    silent({ progress: [181] }, { outcome: 'no_answer', ringMs: [8000, 500], finalCode: 486 }),
  ),
  ...[488, 606, 415].flatMap((finalCode) =>
    call(
      `no common media: ${finalCode}`,
      ['codec_negotiation_failed'],
      silent({}, { outcome: 'not_found', finalCode }),
    ),
  ),
  ...call(
    'an answer that refuses all audio',
    ['codec_negotiation_failed'],
    silent({ sdpFault: { in: 'answer', fault: 'refused' } }),
  ),
  ...call(
    'an answer of other codecs',
    ['codec_negotiation_failed'],
    silent({ sdpFault: { in: 'answer', fault: 'foreign_codec' } }),
  ),
  ...(['garbage', 'no_address', 'unmapped'] as const).flatMap((fault) =>
    (['offer', 'answer'] as const).flatMap((role) =>
      call(`${fault} in the ${role}`, ['sdp_invalid'], silent({ sdpFault: { in: role, fault } })),
    ),
  ),
  ...call(
    'an answer with one m= line too many',
    ['sdp_invalid'],
    plain({ sdpFault: { in: 'answer', fault: 'extra_media' } }),
  ),
  ...[1, 3].flatMap((copies) => [
    ...call(
      `INVITE sent ${copies} times more`,
      ['sip_retransmissions'],
      plain({ resend: [{ message: 'INVITE', copies }] }, { ringMs: [5000, 500] }),
      {},
      UDP_ONLY,
    ),
    ...call(
      `200 sent ${copies} times more`,
      ['sip_retransmissions'],
      plain({ resend: [{ message: '200', copies }] }),
    ),
    ...call(
      `BYE sent ${copies} times more`,
      ['sip_retransmissions'],
      plain({ resend: [{ message: 'BYE', copies }] }, { releasedBy: 'callee' }),
      {},
      UDP_ONLY,
    ),
  ]),
  ...(['INFO', 'OPTIONS', 'MESSAGE', 'NOTIFY'] as const).flatMap((method) =>
    (['caller', 'callee'] as const).flatMap((by) =>
      call(
        `${method} of the ${by} without answer`,
        ['in_dialog_request_unanswered'],
        plain({ requests: [{ atMs: 3000, method, by, answer: null }] }, { durationMs: 60_000 }),
      ),
    ),
  ),
  ...call('BYE without answer', ['in_dialog_request_unanswered'], plain({ byeUnanswered: true }), LATER),
  ...call(
    'BYE of the callee without answer',
    ['in_dialog_request_unanswered'],
    plain({ byeUnanswered: true }, { releasedBy: 'callee' }),
    LATER,
  ),
  ...(['INVITE', 'UPDATE'] as const).flatMap((method) => [
    ...call(
      `${method} without answer, and the call goes on`,
      ['in_dialog_request_unanswered'],
      plain({ requests: [{ atMs: 2000, method, answer: null }] }, { durationMs: 120_000 }),
    ),
    ...call(
      `${method} without answer, then its sender hangs up`,
      ['call_dropped', 'in_dialog_request_unanswered'],
      plain(
        { requests: [{ atMs: 2000, method, by: 'callee', answer: null }] },
        { durationMs: 34_500, releasedBy: 'callee' },
      ),
    ),
    ...call(
      `${method} without answer, media goes on, and its sender hangs up when it likes`,
      ['in_dialog_request_unanswered'],
      plain({ requests: [{ atMs: 2000, method, answer: null }] }, { durationMs: 21_000 }),
      LATER,
      UDP_ONLY,
    ),
    ...call(
      `${method} without answer, nothing more is heard of the other side, and its sender hangs up`,
      ['call_dropped', 'in_dialog_request_unanswered', 'media_stopped'],
      plain(
        { requests: [{ atMs: 2000, method, answer: null }] },
        { durationMs: 21_000, calleeToCaller: { durationMs: 6000 } },
      ),
      LATER,
      UDP_ONLY,
    ),
    ...call(
      `${method} refused with 481`,
      ['call_dropped'],
      plain({ requests: [{ atMs: 8000, method, answer: 481 }] }, { durationMs: 8100 }),
    ),
  ]),
  ...[
    'Q.850;cause=41;text="Temporary failure"',
    'Q.850;cause=102',
    'SIP;cause=503;text="Trunk gone"',
    'SIP;cause=500;text="RTP timeout"',
    'RELEASE_CAUSE;cause=3;text="Media bearer loss"',
    'FreeSWITCH;cause=604;text="MEDIA_TIMEOUT"',
  ].flatMap((byeReason) => call(`BYE: ${byeReason}`, ['call_dropped'], plain({ byeReason }))),
  ...call(
    'a session that nobody refreshes, callee gives up',
    ['call_dropped'],
    silent({ sessionTimer: { seconds: 90, refreshed: false } }, { durationMs: 62_000, releasedBy: 'callee' }),
  ),
  ...call(
    'a session whose refreshes stop',
    ['call_dropped'],
    silent({ sessionTimer: { seconds: 120, refreshed: false, refresher: 'uas' } }, { durationMs: 90_000 }),
  ),
  ...call(
    'no ACK, dropped after 32 s',
    ['call_dropped', 'sip_retransmissions'],
    plain({ noAck: true }, { durationMs: 32_000, releasedBy: 'callee' }),
  ),
  ...([403, 501, 603] as const).flatMap((answer) =>
    call(
      `REFER refused with ${answer}`,
      ['transfer_failed'],
      plain({ transfer: { atMs: 3000, target: 'sip:carol@example.com', answer } }),
    ),
  ),
  ...([404, 486, 503] as const).flatMap((code) =>
    call(
      `transfer that ends with ${code}`,
      ['transfer_failed'],
      plain({
        transfer: {
          atMs: 3000,
          target: 'sip:carol@example.com',
          by: 'callee',
          answer: 202,
          notify: [100, code],
        },
      }),
    ),
  ),
  ...call(
    'attended transfer to a dialog nobody knows',
    ['transfer_failed'],
    plain({
      transfer: { atMs: 3000, target: 'sip:carol@example.com', replaces: 'x@y', answer: 202, notify: [481] },
    }),
  ),
  ...[800, 2500, 4500].flatMap((durationMs) =>
    call(`over after ${durationMs} ms`, ['short_call'], plain({}, { durationMs })),
  ),
];

const CHARGED = { atMs: 3000, target: 'sip:carol@example.com' };

/** Normal life: nothing about signalling may be found. */
export const NEGATIVE: Case[] = [
  ...call('a plain call', [], plain()),
  ...call('released by the callee', [], plain({}, { releasedBy: 'callee' })),
  ...call('hold by the caller', [], plain({}, { hold: { atMs: 3000, durationMs: 5000 } })),
  ...call('hold by the callee', [], plain({}, { hold: { atMs: 3000, durationMs: 5000, by: 'callee' } })),
  ...call(
    'silence suppression',
    [],
    plain({}, { callerToCallee: { dtx: { talkMs: 2000, silenceMs: 1500, comfortNoise: true } } }),
  ),
  ...call('early media', [], plain({}, { earlyMedia: true, ringMs: [300, 8000] })),
  ...call('offer in the 200', [], plain({}, { lateSdp: true })),
  ...call('a caller behind NAT', [], plain({}, { natCaller: { ip: '203.0.113.77', port: 61_000 } }), {}, [
    'udp',
  ]),
  ...[1, 3].flatMap((forks) => call(`${forks} other branches`, [], plain({ forks }))),
  ...call('PRACK', [], plain({ prack: true })),
  ...call('forwarded, queued, then answered', [], plain({ progress: [181, 182, 183] })),
  ...[[401], [407], [401, 407], [422], [491], [484, 484, 484], [302]].flatMap((refusals) =>
    call(`refused with ${refusals.join(', ')} at first`, [], plain({ refusals }, { ringMs: [400, 1500] })),
  ),
  ...[486, 600, 603, 480, 487].flatMap((finalCode) =>
    call(`a callee who does not want to (${finalCode})`, [], silent({}, { outcome: 'no_answer', finalCode })),
  ),
  ...call('busy at once', [], silent({}, { outcome: 'busy' })),
  ...call('nobody answers', [], silent({}, { outcome: 'no_answer', finalCode: 408, ringMs: [200, 30_000] })),
  ...call('given up while it rings', [], silent({}, { outcome: 'canceled', ringMs: [200, 20_000] })),
  ...call('redirected for good', [], silent({}, { outcome: 'not_found', finalCode: 302 })),
  ...call('a challenge that nobody answers', [], silent({}, { outcome: 'not_found', finalCode: 407 })),
  ...call('still ringing', [], silent({}, { outcome: 'ringing' })),
  ...call('still going on', [], plain({}, { outcome: 'open' })),
  ...call('a capture that begins later', [], plain({}, { outcome: 'midcall' })),
  ...call('voice mail', [], plain({}, { ringMs: [200, 20_000], durationMs: 25_000, releasedBy: 'callee' })),
  ...(['INVITE', 'UPDATE'] as const).flatMap((method) =>
    (['uac', 'uas'] as const).flatMap((refresher) =>
      call(
        `a session refreshed with ${method} by the ${refresher}`,
        [],
        silent({ sessionTimer: { seconds: 20, method, refresher } }, { durationMs: 45_000 }),
      ),
    ),
  ),
  ...call(
    'a session timer that matters to nobody yet',
    [],
    silent({ sessionTimer: { seconds: 1800, refreshed: false } }, { durationMs: 300_000 }),
  ),
  ...[
    'Q.850;cause=16;text="Terminated"',
    'Q.850;cause=31',
    'SIP;cause=200;text="OK"',
    'RELEASE_CAUSE;cause=1',
    'Q.850;cause=127',
  ].flatMap((byeReason) => call(`BYE: ${byeReason}`, [], plain({ byeReason }))),
  ...call(
    'a transfer that works',
    [],
    plain({ transfer: { ...CHARGED, answer: 202, notify: [100, 180, 200] } }),
  ),
  ...call(
    'a transfer by the callee that works',
    [],
    plain({ transfer: { ...CHARGED, by: 'callee', answer: 200, notify: [200] } }),
  ),
  ...call(
    'an attended transfer that works',
    [],
    plain({ transfer: { ...CHARGED, replaces: 'other@example.com', answer: 202, notify: [100, 200] } }),
  ),
  ...call('a transfer nobody reports on', [], plain({ transfer: { ...CHARGED, answer: 202 } }), LATER),
  ...call(
    'requests within the call, answered',
    [],
    plain({
      requests: [
        { atMs: 1000, method: 'INFO', answer: 200 },
        { atMs: 2000, method: 'OPTIONS', by: 'callee', answer: 200 },
        { atMs: 3000, method: 'UPDATE', answer: 200 },
        { atMs: 4000, method: 'INVITE', by: 'callee', answer: 200 },
        { atMs: 5000, method: 'INVITE', answer: 488 },
        { atMs: 6000, method: 'INVITE', answer: 491 },
        { atMs: 7000, method: 'INFO', answer: 415 },
      ],
    }),
  ),
  ...call('the hops of a proxy', [], plain({ proxy: '198.51.100.99' }), {}, UDP_ONLY),
  ...call(
    'the hops of a proxy, challenged, cancelled',
    [],
    silent({ proxy: '198.51.100.99', refusals: [407] }, { outcome: 'canceled', ringMs: [400, 3000] }),
    {},
    UDP_ONLY,
  ),
  ...call('every packet twice from the mirror', [], plain({ mirrored: true }), {}, UDP_ONLY),
  ...call(
    'every packet twice, challenged, PRACK, transferred',
    [],
    plain(
      {
        mirrored: true,
        refusals: [407],
        prack: true,
        transfer: { ...CHARGED, answer: 202, notify: [100, 200] },
      },
      { ringMs: [400, 1500] },
    ),
    {},
    UDP_ONLY,
  ),
  ...(['caller', 'callee'] as const).flatMap((onlyFrom) => [
    ...call(`only the ${onlyFrom} is seen`, [], plain({ onlyFrom }), LATER, UDP_ONLY),
    ...call(
      `only the ${onlyFrom} is seen, given up`,
      [],
      silent({ onlyFrom }, { outcome: 'canceled', ringMs: [200, 4000] }),
      LATER,
      UDP_ONLY,
    ),
    ...call(
      `only the ${onlyFrom} is seen, busy`,
      [],
      silent({ onlyFrom }, { outcome: 'busy' }),
      LATER,
      UDP_ONLY,
    ),
  ]),
];
