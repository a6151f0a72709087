import { describe, expect, test } from 'vitest';
import { ALICE, audioOf, Dialog } from './dialog.ts';
import { Tape, tapeMs } from './tape.ts';

/** A tape with one dialog on it. */
function oneDialog(): { tape: Tape; dialog: Dialog } {
  const tape = new Tape();
  return { tape, dialog: new Dialog(tape) };
}

describe('one attempt', () => {
  test.each([401, 407])(
    'a challenge (%i) and the second INVITE are one call from the first INVITE',
    (code) => {
      const { tape, dialog } = oneDialog();
      dialog.request(1000, 'INVITE', { sdp: audioOf(dialog.caller) });
      dialog.response(1020, code, 'INVITE', { calleeTag: 'proxy-tag' });
      dialog.request(1030, 'ACK', { calleeTag: 'proxy-tag' });
      dialog.request(1050, 'INVITE', { cseq: 2, calleeTag: null, sdp: audioOf(dialog.caller) });
      dialog.response(1055, code, 'INVITE', { calleeTag: 'proxy-tag' });
      dialog.response(1300, 180, 'INVITE', { cseq: 2 });
      dialog.response(2000, 200, 'INVITE', { cseq: 2, sdp: audioOf(dialog.callee) });
      dialog.request(2010, 'ACK', { cseq: 2 });
      dialog.conversation(2050, 400);
      dialog.released(10_100);
      const { calls, findings, streams } = tape.play();
      expect(calls).toHaveLength(1);
      expect(calls[0]).toMatchObject({
        state: 'answered',
        finalCode: 200,
        setup: { postDialDelayMs: 300, answerDelayMs: 1000 },
        durationMs: 9100,
        verdict: 'healthy',
      });
      expect(tapeMs(calls[0]!.startUs)).toBe(1000);
      expect(streams.map((stream) => stream.callId)).toEqual([dialog.callId, dialog.callId]);
      expect(findings).toEqual([]);
    },
  );

  test('a challenge that nobody answers is no failure of the service', () => {
    const { tape, dialog } = oneDialog();
    dialog.request(0, 'INVITE', { sdp: audioOf(dialog.caller) });
    dialog.response(20, 401, 'INVITE');
    dialog.request(30, 'ACK');
    tape.idle(100_000);
    const { calls, findings } = tape.play();
    expect(calls[0]).toMatchObject({ state: 'failed', finalCode: 401 });
    expect(findings).toEqual([]);
  });

  test('retransmitted INVITE, 180, 200, ACK and BYE change nothing', () => {
    const plain = oneDialog();
    plain.dialog.answered(1000);
    plain.dialog.conversation(2050, 500);
    plain.dialog.released(12_100, 'callee', 9);
    const { tape, dialog } = oneDialog();
    dialog.answered(1000);
    dialog.request(1500, 'INVITE', { sdp: audioOf(dialog.caller) });
    dialog.response(1600, 180, 'INVITE');
    for (const atMs of [2500, 3500, 5500])
      dialog.response(atMs, 200, 'INVITE', { sdp: audioOf(dialog.callee) });
    for (const atMs of [2510, 3510]) dialog.request(atMs, 'ACK');
    dialog.conversation(2050, 500);
    dialog.released(12_100, 'callee', 9);
    dialog.released(12_600, 'callee', 9);
    const again = tape.play();
    const once = plain.tape.play();
    const [call, other] = [again.calls[0]!, once.calls[0]!];
    expect(other.signalling.retransmissions).toBe(0);
    expect(other.verdict).toBe('healthy');
    // INVITE once, 200 three times, BYE once, and its 200 once: the 180 is provisional, and an ACK has no timer.
    expect(call).toEqual({
      ...other,
      signalling: { ...other.signalling, retransmissions: 6 },
      verdict: 'signalling',
      severity: 'warning',
      findings: ['sip_retransmissions'],
      clean: null,
    });
    expect(again.streams).toEqual(once.streams);
    expect(once.findings).toEqual([]);
    expect(again.findings.map((finding) => [finding.code, finding.severity])).toEqual([
      ['sip_retransmissions', 'warning'],
    ]);
  });
});

describe('the end of a call', () => {
  test('a CANCEL that crosses the 200 cancels nothing', () => {
    const { tape, dialog } = oneDialog();
    dialog.request(0, 'INVITE', { sdp: audioOf(dialog.caller) });
    dialog.response(200, 180, 'INVITE');
    dialog.request(995, 'CANCEL');
    dialog.response(1000, 200, 'INVITE', { sdp: audioOf(dialog.callee) });
    dialog.response(1005, 481, 'CANCEL');
    dialog.request(1010, 'ACK');
    dialog.conversation(1050, 300);
    dialog.released(7100, 'callee', 1);
    const { calls } = tape.play();
    expect(calls[0]).toMatchObject({ state: 'answered', finalCode: 200, releasedBy: 'callee' });
    expect(tapeMs(calls[0]!.answerUs)).toBe(1000);
  });

  test('a CANCEL before any answer', () => {
    const { tape, dialog } = oneDialog();
    dialog.request(0, 'INVITE', { sdp: audioOf(dialog.caller) });
    dialog.response(200, 180, 'INVITE');
    dialog.request(3000, 'CANCEL');
    dialog.response(3005, 200, 'CANCEL');
    dialog.response(3010, 487, 'INVITE');
    dialog.request(3020, 'ACK');
    const { calls, findings } = tape.play();
    expect(calls[0]).toMatchObject({
      state: 'canceled',
      finalCode: 487,
      releasedBy: 'caller',
      durationMs: 3010,
      verdict: 'healthy',
    });
    expect(findings).toEqual([]);
  });

  test("a BYE of the callee whose CSeq is the INVITE's", () => {
    const { tape, dialog } = oneDialog();
    dialog.answered(0);
    dialog.conversation(1050, 300);
    dialog.released(7100, 'callee', 1);
    const { calls } = tape.play();
    expect(calls[0]).toMatchObject({ state: 'answered', releasedBy: 'callee', durationMs: 7100 });
  });

  test('late retransmissions after the report do not open the call again', () => {
    const { tape, dialog } = oneDialog();
    dialog.answered(0);
    dialog.conversation(1050, 300);
    dialog.released(7100);
    for (let ms = 8000; ms < 40_000; ms += 1000) tape.idle(ms);
    dialog.request(40_000, 'BYE', { cseq: 50 });
    dialog.response(40_010, 200, 'BYE', { cseq: 50 });
    dialog.response(40_020, 200, 'INVITE', { sdp: audioOf(dialog.callee) });
    dialog.request(40_030, 'ACK');
    const { calls } = tape.play();
    expect(calls).toHaveLength(1);
    expect(tapeMs(calls[0]!.endUs)).toBe(7100);
  });
});

describe('captures that begin during the call', () => {
  test('only the BYE', () => {
    const { tape, dialog } = oneDialog();
    dialog.released(1000, 'callee');
    const { calls, findings } = tape.play();
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({
      state: 'answered',
      durationMs: null,
      answerUs: null,
      releasedBy: null,
      verdict: 'unknown',
    });
    expect(findings).toEqual([]);
  });

  test('only a re-INVITE and the BYE: its sender counts as the caller, its media is claimed', () => {
    const { tape, dialog } = oneDialog();
    dialog.conversation(0, 600);
    dialog.reinvited(5000, 'callee', 7, audioOf(dialog.callee), audioOf(dialog.caller));
    dialog.released(12_100, 'callee', 8);
    const { calls, streams, findings } = tape.play();
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({
      state: 'answered',
      durationMs: null,
      from: 'sip:bob@example.com',
      releasedBy: 'caller',
      verdict: 'healthy',
    });
    const directions = new Map(streams.map((stream) => [stream.src.ip, stream.direction]));
    expect(directions.get(dialog.callee.ip)).toBe('callerToCallee');
    expect(directions.get(dialog.caller.ip)).toBe('calleeToCaller');
    expect(findings).toEqual([]);
  });

  test('only the ACK of a refused INVITE is no call that goes on', () => {
    const { tape, dialog } = oneDialog();
    dialog.request(10, 'ACK');
    tape.idle(20_000);
    expect(tape.play().calls.filter((call) => call.state === 'answered')).toEqual([]);
  });
});

describe('what passes the tap twice', () => {
  test('the hops before and behind a proxy are one call', () => {
    const { tape, dialog } = oneDialog();
    const proxy = { ip: '203.0.113.5', port: 5060 };
    const [alice, bob] = [dialog.caller, dialog.callee].map(({ ip, sipPort }) => ({ ip, port: sipPort }));
    const invite = { sdp: audioOf(dialog.caller) };
    dialog.request(0, 'INVITE', { ...invite, hop: [alice!, proxy] });
    dialog.response(2, 100, 'INVITE', { hop: [proxy, alice!] });
    dialog.request(4, 'INVITE', { ...invite, hop: [proxy, bob!] });
    dialog.response(200, 180, 'INVITE', { hop: [bob!, proxy] });
    dialog.response(203, 180, 'INVITE', { hop: [proxy, alice!] });
    const ok = { sdp: audioOf(dialog.callee) };
    dialog.response(1000, 200, 'INVITE', { ...ok, hop: [bob!, proxy] });
    dialog.response(1003, 200, 'INVITE', { ...ok, hop: [proxy, alice!] });
    dialog.request(1010, 'ACK', { hop: [alice!, proxy] });
    dialog.request(1012, 'ACK', { hop: [proxy, bob!] });
    dialog.conversation(1050, 300);
    dialog.request(7100, 'BYE', { cseq: 2, hop: [alice!, proxy] });
    dialog.request(7103, 'BYE', { cseq: 2, hop: [proxy, bob!] });
    dialog.response(7110, 200, 'BYE', { cseq: 2, hop: [bob!, proxy] });
    dialog.response(7113, 200, 'BYE', { cseq: 2, hop: [proxy, alice!] });
    const { calls, streams, findings } = tape.play();
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({
      setup: { postDialDelayMs: 200, answerDelayMs: 1000 },
      durationMs: 7100,
      verdict: 'healthy',
    });
    expect(streams).toHaveLength(2);
    expect(findings).toEqual([]);
  });

  test('a B2BUA that anchors media makes two calls with two streams each', () => {
    const tape = new Tape();
    const inside = { user: 'b2bua', ip: '203.0.113.5', sipPort: 5060, rtpPort: 40_000 };
    const outside = { ...inside, rtpPort: 40_002 };
    const legA = new Dialog(tape, 'leg-a', undefined, inside);
    const legB = new Dialog(tape, 'leg-b', outside);
    legA.answered(0);
    legB.answered(20);
    legA.conversation(1100, 300);
    legB.conversation(1102, 300);
    legA.released(7200);
    legB.released(7210);
    const { calls, streams, findings } = tape.play();
    expect(calls.map((call) => [call.callId, call.streams.length])).toEqual([
      ['leg-a', 2],
      ['leg-b', 2],
    ]);
    for (const stream of streams) {
      const leg = [stream.src.port, stream.dst.port].includes(40_000) ? 'leg-a' : 'leg-b';
      expect(stream.callId).toBe(leg);
    }
    expect(findings).toEqual([]);
  });

  test('a B2BUA that leaves media alone: neither of its calls is said to be without media', () => {
    const tape = new Tape();
    const earlier = new Dialog(tape, 'earlier', { ...ALICE, ip: '192.0.2.77' });
    earlier.answered(0);
    earlier.conversation(1050, 300);
    earlier.released(7100);
    const legA = new Dialog(tape, 'leg-a');
    const legB = new Dialog(tape, 'leg-b');
    legA.answered(30_000);
    legB.answered(30_020);
    legA.conversation(31_100, 400);
    legA.released(39_200);
    legB.released(39_210);
    const { calls, findings } = tape.play();
    expect(calls).toHaveLength(3);
    expect(findings.map((finding) => [finding.callId, finding.code])).toEqual([]);
  });
});

describe('the 200 and the ACK were not captured', () => {
  /** An INVITE, 180 and a BYE 12 s later. */
  function withoutAnswer(by: 'caller' | 'callee', talk: boolean): string {
    const { tape, dialog } = oneDialog();
    dialog.request(0, 'INVITE', { sdp: audioOf(dialog.caller) });
    dialog.response(200, 180, 'INVITE', { sdp: audioOf(dialog.callee) });
    if (talk) dialog.conversation(1050, 500);
    dialog.request(12_000, 'BYE', { by, cseq: 2 });
    dialog.response(12_010, 200, 'BYE', { by, cseq: 2 });
    return tape.play().calls[0]!.state;
  }

  test.each([
    ['the callee, who may not before it has answered', 'callee', false, 'answered'],
    ['the caller, after media both ways', 'caller', true, 'answered'],
    ['the caller, who may do so instead of a CANCEL', 'caller', false, 'canceled'],
  ] as const)('a BYE of %s', (_, by, talk, state) => {
    expect(withoutAnswer(by, talk)).toBe(state);
  });
});
