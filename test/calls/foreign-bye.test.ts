import { describe, expect, test } from 'vitest';
import type { Replayed } from '../engine/replayed.ts';
import { ALICE, BOB, Dialog, type MessageOptions } from './dialog.ts';
import { type Endpoint, Tape, tapeMs } from './tape.ts';

const STRANGER: Endpoint = { ip: '45.9.9.9', port: 5060 };
const TO_BOB: Endpoint = { ip: BOB.ip, port: BOB.sipPort };
const FOREIGN: MessageOptions = { cseq: 2, hop: [STRANGER, TO_BOB] };

/** A call of which somebody else says after 21 s that the caller has hung up; media until then, and longer as told. */
function called(mediaMs: Record<'caller' | 'callee', number>): { tape: Tape; dialog: Dialog } {
  const tape = new Tape();
  const dialog = new Dialog(tape);
  dialog.answered(0);
  dialog.media('caller', 1050, (mediaMs.caller - 1050) / 20);
  dialog.media('callee', 1060, (mediaMs.callee - 1060) / 20);
  dialog.request(21_000, 'BYE', FOREIGN);
  dialog.response(21_020, 200, 'BYE', { cseq: 2, hop: [TO_BOB, STRANGER] });
  return { tape, dialog };
}

const codes = ({ findings }: Replayed): string[] => findings.map(({ code }) => code);

describe('a BYE of a host that had no part in the call', () => {
  test('does not end it while the side it speaks for goes on', () => {
    const { tape } = called({ caller: 31_000, callee: 31_000 });
    const played = tape.play();
    expect(codes(played)).toEqual(['foreign_bye']);
    expect(played.findings[0]!.text).toBe(
      '45.9.9.9, which had no part in the call, sent a BYE in the name of the caller, who sent media for another 10 s',
    );
    expect(played.findings[0]!.evidence).toMatchObject({ source: '45.9.9.9', status: 200, side: 'caller' });
    expect(played.calls[0]).toMatchObject({ state: 'open', releasedBy: null, endUs: null });
    expect(played.calls[0]!.signalling.release).toBeNull();
  });

  test('the call ends when its own parties end it', () => {
    const { tape, dialog } = called({ caller: 40_000, callee: 40_000 });
    dialog.released(40_000, 'callee', 7);
    const played = tape.play();
    expect(codes(played)).toEqual(['foreign_bye']);
    expect(played.calls[0]).toMatchObject({ state: 'answered', releasedBy: 'callee' });
    expect(tapeMs(played.calls[0]!.endUs)).toBe(40_000);
  });

  test('the other side fell for it: who did not hang up still goes on', () => {
    const { tape } = called({ caller: 40_000, callee: 21_000 });
    expect(codes(tape.play())).toContain('foreign_bye');
  });

  test('who did not hang up sends another request soon after', () => {
    const { tape, dialog } = called({ caller: 23_000, callee: 23_000 });
    dialog.released(23_000, 'caller', 9);
    const played = tape.play();
    expect(codes(played)).toEqual(['foreign_bye']);
    expect(played.findings[0]!.evidence).toMatchObject({ disprovedBy: 'request' });
    expect(played.calls[0]).toMatchObject({ state: 'answered', releasedBy: 'caller' });
    expect(tapeMs(played.calls[0]!.endUs)).toBe(23_000);
  });

  test('a call that nobody ends is reported when it was silent for some minutes', () => {
    const { tape } = called({ caller: 31_000, callee: 31_000 });
    for (let s = 30; s < 300; s += 2) tape.idle(s * 1000);
    const later = new Dialog(tape, 'later', ALICE, BOB);
    later.request(300_000, 'INVITE', {});
    const { calls } = tape.play();
    expect(calls.map(({ callId }) => callId)).toEqual(['call-1@example.com', 'later']);
  });
});

describe('nothing is said', () => {
  test('of a telephone that changed networks, and falls silent', () => {
    const { tape } = called({ caller: 21_000, callee: 21_200 });
    const played = tape.play();
    expect(played.findings).toEqual([]);
    expect(played.calls[0]).toMatchObject({ state: 'answered', releasedBy: 'caller' });
    expect(tapeMs(played.calls[0]!.endUs)).toBe(21_000);
  });

  test('where the other side is a little slow', () => {
    const { tape } = called({ caller: 21_000, callee: 24_000 });
    expect(codes(tape.play())).toEqual([]);
  });

  test('of a proxy that Record-Route names', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    const proxy = [`Record-Route: <sip:${STRANGER.ip};lr>`];
    dialog.request(0, 'INVITE', { headers: proxy });
    dialog.response(1000, 200, 'INVITE', { headers: proxy });
    dialog.request(1010, 'ACK');
    dialog.media('caller', 1050, 1500);
    dialog.request(21_000, 'BYE', FOREIGN);
    const played = tape.play();
    expect(codes(played)).not.toContain('foreign_bye');
    expect(played.calls[0]).toMatchObject({ releasedBy: 'caller' });
  });

  test('of a call that began before the capture', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.request(0, 'INFO', { cseq: 5 });
    dialog.request(5000, 'BYE', { ...FOREIGN, cseq: 6 });
    dialog.media('caller', 0, 1500);
    expect(codes(tape.play())).not.toContain('foreign_bye');
  });
});
