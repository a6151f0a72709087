import { describe, expect, test } from 'vitest';
import type { CallRecord } from '../../src/records/types.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec } from '../../src/synth/scenario.ts';
import type { SignallingSpec } from '../../src/synth/signalling-spec.ts';
import { replayed } from '../engine/replayed.ts';
import { audioOf, Dialog, type MessageOptions } from './dialog.ts';
import { Tape } from './tape.ts';

/** The one call of a generated capture. */
function generated(signalling: SignallingSpec, call: Partial<CallSpec> = {}): CallRecord {
  const spec: CallSpec = { durationMs: 6000, signalling, ...call };
  const { calls } = replayed(buildScenario({ seed: 3, calls: [spec] }).pcap);
  expect(calls).toHaveLength(1);
  return calls[0]!;
}

/** An answered call of 6 s whose INVITE and BYE carry more. */
function answered(invite: MessageOptions, bye: MessageOptions = {}): CallRecord {
  const tape = new Tape();
  const dialog = new Dialog(tape);
  dialog.request(0, 'INVITE', { sdp: audioOf(dialog.caller), ...invite });
  dialog.response(200, 180, 'INVITE');
  dialog.response(1000, 200, 'INVITE', { sdp: audioOf(dialog.callee) });
  dialog.request(1010, 'ACK');
  dialog.request(7000, 'BYE', { cseq: 2, ...bye });
  dialog.response(7010, 200, 'BYE', { cseq: 2 });
  const { calls } = tape.play();
  expect(calls).toHaveLength(1);
  return calls[0]!;
}

describe('times', () => {
  test('first response, session request delay, ringing, teardown', () => {
    const call = answered({});
    expect(call.setup).toMatchObject({ postDialDelayMs: 200, answerDelayMs: 1000 });
    expect(call.signalling).toMatchObject({
      firstResponseMs: 200,
      sessionRequestDelayMs: 200,
      ringMs: 800,
      sessionDisconnectDelayMs: 10,
    });
  });

  test('181 ends the session request delay, not the post-dial delay (RFC 6076 4.3, E.721)', () => {
    const call = generated({ progress: [181] }, { ringMs: [500, 700] });
    expect(call.setup.postDialDelayMs).toBe(500);
    expect(call.signalling).toMatchObject({ firstResponseMs: 6, sessionRequestDelayMs: 10, ringMs: 700 });
  });

  test('a call that fails without ringing: the final response ends the delay', () => {
    const call = generated({}, { outcome: 'not_found', finalCode: 404, ringMs: 300 });
    expect(call.setup.postDialDelayMs).toBeNull();
    expect(call.signalling).toMatchObject({
      sessionRequestDelayMs: 300,
      ringMs: null,
      reasonPhrase: 'Not Found',
      release: { method: 'response', reasons: [], q850Cause: null },
    });
  });
});

describe('attempts', () => {
  test.each([[[401]], [[407]], [[401, 407]], [[422]], [[491]], [[484, 484]], [[302]]])(
    'refused with %j at first: one attempt',
    (refusals) => {
      const call = generated({ refusals }, { ringMs: [400, 600] });
      expect(call).toMatchObject({ state: 'answered', finalCode: 200 });
      expect(call.signalling).toMatchObject({ tries: refusals.length + 1, refusals, retransmissions: 0 });
      expect(call.setup.postDialDelayMs).toBe(400);
    },
  );

  test('where a redirection sent the caller', () => {
    expect(generated({ refusals: [302] }, { ringMs: [400, 600] }).signalling.redirectedTo).toEqual([
      'sip:elsewhere@203.0.113.99',
    ]);
  });

  test('the same parties again within half a minute of a failure', () => {
    const parties = { caller: { user: 'a' }, callee: { user: 'b' } };
    const failed = { ...parties, outcome: 'not_found' as const, finalCode: 503 };
    const { calls, findings, signalling } = replayed(
      buildScenario({
        calls: [
          { ...failed, callId: 'first' },
          { ...parties, callId: 'second', startMs: 3000 },
          { ...parties, callId: 'third', startMs: 60_000 },
        ],
      }).pcap,
    );
    const retries = new Map(calls.map(({ callId, signalling }) => [callId, signalling.retryOf]));
    expect(retries).toEqual(
      new Map([
        ['first', null],
        ['second', 'first'],
        ['third', null],
      ]),
    );
    expect(calls[0]!.signalling).toMatchObject({ retriedAs: 'second' });
    expect(calls[1]!.signalling).toMatchObject({ retriedAs: null, retriedAfterMs: null });
    const failure = findings.find(({ code }) => code === 'setup_failed')!;
    expect(failure.severity).toBe('warning');
    expect(failure.text).toMatch(/; tried again at 203\.0\.113\.\d+ \d\.\d s later, and answered$/);
    expect(failure.evidence).toMatchObject({ retriedAs: 'second', finalCode: 503 });
    // The ratios count attempts all the same.
    expect(signalling).toMatchObject({ attempts: 3, answered: 2, retriedAnswered: 1 });
    expect(signalling.ratios.ner).toMatchObject({ numerator: 2, denominator: 3 });
  });

  test('failures in a row, the last of which was answered, and some that were not', () => {
    const parties = { caller: { user: 'a' }, callee: { user: 'b' } };
    const failed = { ...parties, outcome: 'not_found' as const, finalCode: 503 };
    const others = { caller: { user: 'c' }, callee: { user: 'd' } };
    const { calls, findings } = replayed(
      buildScenario({
        calls: [
          { ...failed, callId: 'first' },
          { ...failed, callId: 'second', startMs: 2000 },
          { ...parties, callId: 'third', startMs: 4000 },
          { ...failed, ...others, callId: 'fourth' },
          { ...failed, ...others, callId: 'fifth', startMs: 2000 },
        ],
      }).pcap,
    );
    const retried = new Map(calls.map(({ callId, signalling }) => [callId, signalling.retriedAs]));
    expect(retried).toEqual(
      new Map([
        ['first', 'third'],
        ['fourth', null],
        ['second', 'third'],
        ['fifth', null],
        ['third', null],
      ]),
    );
    const severities = new Map(findings.map(({ callId, severity }) => [callId, severity]));
    expect(severities.get('fourth')).toBe('critical');
    expect(severities.get('second')).toBe('warning');
  });

  test('retransmissions by kind of message', () => {
    const resend: SignallingSpec['resend'] = [
      { message: 'INVITE', copies: 2 },
      { message: '200', copies: 3 },
      { message: 'BYE', copies: 1 },
    ];
    const { signalling } = generated({ resend }, { ringMs: [5000, 500] });
    expect(signalling).toMatchObject({ requests: 2, retransmissions: 6 });
  });
});

describe('the end', () => {
  test('Q.850 cause and SIP reason of a BYE (RFC 3326)', () => {
    const reason = 'Reason: SIP;cause=200;text="bye, \\"all\\"", Q.850;cause=16;text="Terminated"';
    expect(answered({}, { headers: [reason] }).signalling.release).toEqual({
      method: 'BYE',
      reasons: [
        { protocol: 'SIP', cause: 200, text: 'bye, "all"' },
        { protocol: 'Q.850', cause: 16, text: 'Terminated' },
      ],
      q850Cause: 16,
    });
  });

  test('the cause that Asterisk writes into a header of its own', () => {
    const headers = ['X-Asterisk-HangupCause: Normal Clearing', 'X-Asterisk-HangupCauseCode: 16'];
    expect(answered({}, { headers }).signalling.release).toMatchObject({ reasons: [], q850Cause: 16 });
  });

  test('the cause of a refusal', () => {
    const call = generated(
      { answerHeaders: ['Reason: Q.850;cause=1;text="Unallocated number"'] },
      { outcome: 'not_found' },
    );
    expect(call.signalling.release).toMatchObject({ method: 'response', q850Cause: 1 });
  });

  test('a call taken elsewhere says so in the CANCEL', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.request(0, 'INVITE', { sdp: audioOf(dialog.caller) });
    dialog.response(200, 180, 'INVITE');
    const headers = ['Reason: SIP;cause=200;text="Call completed elsewhere"'];
    dialog.request(3000, 'CANCEL', { headers });
    dialog.response(3005, 200, 'CANCEL');
    dialog.response(3010, 487, 'INVITE');
    const { calls, findings } = tape.play();
    expect(calls[0]!.signalling.release).toMatchObject({
      method: 'CANCEL',
      reasons: [{ protocol: 'SIP', cause: 200, text: 'Call completed elsewhere' }],
    });
    expect(findings).toEqual([]);
  });
});

describe('session timers (RFC 4028)', () => {
  test.each([
    ['uac', 'caller'],
    ['uas', 'callee'],
  ] as const)('refreshed by the %s', (refresher, side) => {
    const timer = { seconds: 4, refresher, method: 'INVITE' as const };
    const { signalling } = generated({ sessionTimer: timer }, { durationMs: 9000 });
    expect(signalling.sessionTimer).toEqual({ seconds: 4, refresher: side, refreshes: 4 });
  });

  test('an answer without Session-Expires runs none, whatever the INVITE asked for', () => {
    expect(answered({ headers: ['Session-Expires: 1800'] }).signalling.sessionTimer).toBeNull();
  });
});

describe('transfers (RFC 3515)', () => {
  const transfer = { atMs: 2000, target: 'sip:carol@example.com' };

  test.each([
    [
      { ...transfer, answer: 202, notify: [100, 200] },
      { outcome: 'succeeded', notifyStatus: 200 },
    ],
    [
      { ...transfer, answer: 202, notify: [100, 486] },
      { outcome: 'failed', notifyStatus: 486 },
    ],
    [
      { ...transfer, answer: 202, notify: [100] },
      { outcome: 'unknown', notifyStatus: 100 },
    ],
    [
      { ...transfer, answer: 202 },
      { outcome: 'unknown', notifyStatus: null },
    ],
    [
      { ...transfer, answer: 405 },
      { outcome: 'refused', referStatus: 405 },
    ],
    [
      { ...transfer, answer: null },
      { outcome: 'unanswered', referStatus: null },
    ],
    [
      { ...transfer, by: 'callee' as const, answer: 200, notify: [200] },
      { by: 'callee', outcome: 'succeeded' },
    ],
  ])('%j', (spec, expected) => {
    const { transfers } = generated({ transfer: spec }).signalling;
    expect(transfers).toHaveLength(1);
    expect(transfers[0]).toMatchObject({ target: 'sip:carol@example.com', replaces: null, ...expected });
  });

  test('attended: the dialog to be replaced', () => {
    const { transfers } = generated({
      transfer: { ...transfer, replaces: 'other@example.com', answer: 202, notify: [200] },
    }).signalling;
    expect(transfers[0]).toMatchObject({ replaces: 'other@example.com', outcome: 'succeeded' });
  });

  test('a challenged REFER is one transfer', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.answered(0);
    const headers = ['Refer-To: <sip:carol@example.com>'];
    dialog.request(2000, 'REFER', { cseq: 2, headers });
    dialog.response(2010, 407, 'REFER', { cseq: 2 });
    dialog.request(2020, 'REFER', { cseq: 3, headers });
    dialog.response(2030, 202, 'REFER', { cseq: 3 });
    dialog.released(8000);
    const { transfers } = tape.play().calls[0]!.signalling;
    expect(transfers.map(({ referStatus }) => referStatus)).toEqual([202]);
  });
});

describe('who and whereto', () => {
  test('user agents, asserted identity, diversions', () => {
    const call = generated({
      userAgents: { caller: 'Phone/1', callee: 'PBX/2' },
      inviteHeaders: [
        'P-Asserted-Identity: "Alice" <sip:+4930123@example.net>',
        'Diversion: <sip:bob@example.com>;reason=no-answer, <sip:carol@example.com>',
      ],
    });
    expect(call.signalling).toMatchObject({
      userAgents: { caller: 'Phone/1', callee: 'PBX/2' },
      assertedIdentity: 'sip:+4930123@example.net',
      diversions: ['sip:bob@example.com (no-answer)', 'sip:carol@example.com'],
      transport: 'UDP',
    });
  });

  test('History-Info stands in for Diversion (RFC 7044): where the call went before', () => {
    const header = 'History-Info: <sip:a@x>;index=1, <sip:b@x>;index=1.1, <sip:c@x>;index=1.1.1';
    expect(generated({ inviteHeaders: [header] }).signalling.diversions).toEqual(['sip:b@x', 'sip:a@x']);
  });

  test('between which addresses the INVITE passed, and the headers that were asked for', () => {
    const spec: CallSpec = {
      durationMs: 6000,
      signalling: { inviteHeaders: ['X-Trunk: t-7', 'X-Other: no'] },
    };
    const { pcap } = buildScenario({ seed: 3, calls: [spec] });
    const { calls, streams } = replayed(pcap, 1000, { signalling: { keptHeaders: ['x-trunk', 'x-none'] } });
    const { hosts, headers, userAgents } = calls[0]!.signalling;
    expect(headers).toEqual({ 'x-trunk': 't-7' });
    const there = streams.find(({ direction }) => direction === 'callerToCallee')!;
    expect(hosts.source).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(hosts.destination).not.toBe(hosts.source);
    expect(there.sender).toEqual({ userAgent: userAgents.caller, headers });
    expect(replayed(pcap).calls[0]!.signalling.headers).toEqual({});
  });

  test('long names are cut', () => {
    const { userAgents } = generated({ userAgents: { caller: 'x'.repeat(1000) } }).signalling;
    expect(userAgents.caller).toHaveLength(128);
  });

  test.each([
    ['112', '112'],
    ['0112', '112'],
    ['9911', '911'],
    ['911', '911'],
  ])('emergency: %s dialled', (user, service) => {
    const call = generated({}, { callee: { user } });
    expect(call.signalling.emergency).toEqual({ service, location: false });
  });

  test('emergency: by URN (RFC 5031), with location (RFC 6442)', () => {
    const call = generated({
      requestUri: 'urn:service:sos.police',
      inviteHeaders: ['Geolocation: <cid:target123@example.com>'],
    });
    expect(call.signalling.emergency).toEqual({ service: 'urn:service:sos.police', location: true });
  });

  test.each(['1120', '110', '4911', '91129'])('%s is no emergency', (user) => {
    expect(generated({}, { callee: { user } }).signalling.emergency).toBeNull();
  });

  test('an emergency call that fails is critical', () => {
    const spec: CallSpec = { outcome: 'not_found', callee: { user: '112' } };
    const { findings } = replayed(buildScenario({ calls: [spec] }).pcap);
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual([['setup_failed', 'critical']]);
  });

  test('forks, PRACK, Max-Forwards', () => {
    expect(generated({ forks: 2, prack: true }).signalling).toMatchObject({
      forks: 3,
      reliableProvisional: true,
      maxForwards: { first: 70, lowest: 70 },
      loops: 0,
    });
  });

  test('a proxy takes one hop and is no loop', () => {
    expect(generated({ proxy: '198.51.100.99' }).signalling).toMatchObject({
      maxForwards: { first: 70, lowest: 69 },
      loops: 0,
      tries: 1,
      requests: 2,
      retransmissions: 0,
    });
  });

  test('an INVITE that comes by again and again', () => {
    const call = generated({ loops: 4 }, { outcome: 'not_found', finalCode: 482 });
    expect(call.signalling).toMatchObject({ loops: 4, maxForwards: { first: 70, lowest: 62 } });
  });
});

describe('what passes twice counts once', () => {
  test('a mirror that copies every SIP packet', () => {
    const spec: SignallingSpec = {
      refusals: [407],
      prack: true,
      transfer: { atMs: 2000, target: 'sip:c@d', answer: 202, notify: [100, 200] },
    };
    const call = { ringMs: [400, 600] as [number, number] };
    const once = generated(spec, call);
    const twice = generated({ ...spec, mirrored: true }, call);
    expect(twice).toEqual(once);
  });
});
