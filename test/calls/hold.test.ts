import { describe, expect, test } from 'vitest';
import { ALICE, audioOf, BOB, Dialog, sessionOf } from './dialog.ts';
import { Tape } from './tape.ts';

const absent = ['one_way_media', 'no_media'];

/** The codes of absent media that a replay found. */
function absences(tape: Tape): string[] {
  return tape
    .play()
    .findings.map((finding) => finding.code)
    .filter((code) => absent.includes(code));
}

/** An unrelated call with media, so that the capture is known to show media. */
function bystander(tape: Tape, atMs = 0): void {
  const dialog = new Dialog(
    tape,
    'bystander',
    { ...ALICE, ip: '192.0.2.200' },
    { ...BOB, ip: '198.51.100.200' },
  );
  dialog.answered(atMs);
  dialog.conversation(atMs + 1050, 300);
  dialog.released(atMs + 7200);
}

describe('hold is no absence of media', () => {
  test.each([
    ['sendonly', 'recvonly'],
    ['inactive', 'inactive'],
  ])('held by %s, one way goes on', (offer, answer) => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.answered(0, audioOf(ALICE), audioOf(BOB));
    dialog.reinvited(
      1200,
      'callee',
      1,
      audioOf(BOB, { lines: [`a=${offer}`] }),
      audioOf(ALICE, { lines: [`a=${answer}`] }),
    );
    dialog.media('callee', 1300, 1000);
    dialog.released(21_500);
    expect(absences(tape)).toEqual([]);
  });

  test('held by the unspecified address (RFC 2543)', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.answered(0);
    const held = sessionOf('0.0.0.0', { port: BOB.rtpPort, codecs: [[0, 'PCMU/8000']] });
    dialog.reinvited(1200, 'callee', 1, held, audioOf(ALICE));
    dialog.media('callee', 1300, 1000);
    dialog.released(21_500);
    expect(absences(tape)).toEqual([]);
  });

  test('held at once, nothing flows at all', () => {
    const tape = new Tape();
    bystander(tape);
    const dialog = new Dialog(tape);
    dialog.answered(20_000, audioOf(ALICE), audioOf(BOB));
    dialog.reinvited(
      21_100,
      'caller',
      2,
      audioOf(ALICE, { lines: ['a=inactive'] }),
      audioOf(BOB, { lines: ['a=inactive'] }),
    );
    dialog.released(60_000);
    expect(absences(tape)).toEqual([]);
  });

  test('a listener that asks for recvonly media from the start', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.answered(0, audioOf(ALICE, { lines: ['a=recvonly'] }), audioOf(BOB, { lines: ['a=sendonly'] }));
    dialog.media('callee', 1050, 1000);
    dialog.released(22_000);
    expect(absences(tape)).toEqual([]);
  });
});

describe('absence of media', () => {
  test('a refused hold is no hold: what is missing is missing', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.answered(0, audioOf(ALICE), audioOf(BOB));
    dialog.request(1200, 'INVITE', {
      by: 'callee',
      cseq: 1,
      sdp: audioOf(BOB, { lines: ['a=sendonly'] }),
      calleeTag: dialog.calleeTag,
    });
    dialog.response(1230, 488, 'INVITE', { by: 'callee', cseq: 1 });
    dialog.media('callee', 1300, 500);
    dialog.released(21_500);
    expect(absences(tape)).toEqual(['one_way_media']);
  });

  test.each([
    ['caller', 'calleeToCaller'],
    ['callee', 'callerToCallee'],
  ] as const)('only the %s is heard', (side, missing) => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.answered(0);
    dialog.media(side, 1050, 500);
    dialog.released(12_000);
    const { findings, calls } = tape.play();
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ code: 'one_way_media', severity: 'critical', direction: missing });
    expect(findings[0]!.evidence).toEqual({
      callerToCalleePackets: side === 'caller' ? 500 : 0,
      calleeToCallerPackets: side === 'callee' ? 500 : 0,
      talkMs: 11_000,
      sdpAddress: side === 'caller' ? '192.0.2.10:20000' : '198.51.100.20:30000',
    });
    expect(calls[0]).toMatchObject({ verdict: 'media', findings: ['one_way_media'] });
  });

  test('nothing is heard, while another call before it had media', () => {
    const tape = new Tape();
    bystander(tape);
    const dialog = new Dialog(tape);
    dialog.answered(30_000);
    dialog.released(42_000);
    expect(absences(tape)).toEqual(['no_media']);
  });

  test('nothing is heard, while the media of another call is still being measured', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.answered(0);
    dialog.released(12_000);
    bystander(tape, 8000);
    expect(absences(tape)).toEqual(['no_media']);
  });

  test('a capture without any media accuses no call', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.answered(0);
    dialog.released(60_000);
    const { calls, findings } = tape.play();
    expect(findings).toEqual([]);
    expect(calls[0]!.verdict).toBe('unknown');
  });

  test('a short call is given time', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.answered(0);
    dialog.media('caller', 1050, 150);
    dialog.released(5000);
    expect(absences(tape)).toEqual([]);
  });

  test('an ICE agent that names no address yet is not on hold (RFC 8840)', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    const lines = [
      'a=ice-ufrag:abcd',
      'a=ice-pwd:0123456789012345678901',
      'a=candidate:1 1 UDP 2130706431 192.0.2.10 20000 typ host',
    ];
    const offer = sessionOf('0.0.0.0', { port: 9, codecs: [[0, 'PCMU/8000']], lines });
    dialog.answered(0, offer, audioOf(BOB));
    dialog.media('caller', 1050, 500);
    dialog.released(12_000);
    expect(absences(tape)).toEqual(['one_way_media']);
  });
});
