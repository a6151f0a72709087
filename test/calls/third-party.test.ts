import { describe, expect, test } from 'vitest';
import { ALICE, audioOf, BOB, Dialog, type Peer } from './dialog.ts';
import { Tape } from './tape.ts';

/** Connects two telephones, and has no media of its own. */
const CONTROLLER: Peer = { user: 'dial', ip: '203.0.113.50', sipPort: 5060, rtpPort: 9 };

/** The first telephone is called without an offer, and answers; its ACK waits for what the second one says. */
function connecting(): { tape: Tape; first: Dialog; second: Dialog } {
  const tape = new Tape();
  const first = new Dialog(tape, 'first', CONTROLLER, ALICE);
  const second = new Dialog(tape, 'second', CONTROLLER, BOB);
  first.request(0, 'INVITE');
  first.response(100, 180, 'INVITE');
  first.response(3000, 200, 'INVITE', { sdp: audioOf(ALICE) });
  second.request(3020, 'INVITE', { sdp: audioOf(ALICE) });
  second.response(3100, 180, 'INVITE');
  return { tape, first, second };
}

/** The second answers, the first is told so, and their media begins. */
function connected(answeredMs: number, mediaMs: number): ReturnType<Tape['play']> {
  const { tape, first, second } = connecting();
  second.response(answeredMs, 200, 'INVITE', { sdp: audioOf(BOB) });
  second.request(answeredMs + 10, 'ACK');
  first.request(answeredMs + 20, 'ACK', { sdp: audioOf(BOB) });
  new Dialog(tape).conversation(mediaMs, 1500);
  first.released(45_200, 'callee', 7);
  second.released(45_300);
  tape.idle(90_000);
  return tape.play();
}

describe('click-to-dial (RFC 3725 4.1)', () => {
  test('the first telephone waits for the second: its media is not late', () => {
    const { calls, findings } = connected(15_000, 15_050);
    expect(findings).toEqual([]);
    expect(calls.map(({ callId, state, verdict }) => [callId, state, verdict])).toEqual([
      ['first', 'answered', 'healthy'],
      ['second', 'answered', 'healthy'],
    ]);
  });

  test('media that begins long after the second telephone was there is late', () => {
    const { findings } = connected(6000, 10_020);
    const late = findings.filter(({ code }) => code === 'late_media');
    expect(late.map(({ callId, evidence }) => [callId, Math.round(Number(evidence.delayMs))])).toContainEqual(
      ['first', 4000],
    );
  });

  test("the second telephone is busy: that the first heard nothing is nobody's fault", () => {
    const { tape, first, second } = connecting();
    second.response(23_000, 486, 'INVITE');
    second.request(23_010, 'ACK', { calleeTag: second.calleeTag });
    first.request(23_020, 'ACK', { sdp: audioOf({ ...CONTROLLER, ip: '0.0.0.0' }) });
    first.released(23_030, 'caller', 7);
    tape.idle(90_000);
    expect(tape.play().findings).toEqual([]);
  });
});
