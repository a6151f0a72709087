import { describe, expect, test } from 'vitest';
import { ALICE, audioOf, BOB, Dialog, type Peer } from '../dialog.ts';
import { Tape } from '../tape.ts';

const TONES: Peer = { user: 'tones', ip: '203.0.113.77', sipPort: 5060, rtpPort: 6000 };

describe('media and the answer', () => {
  test('tones from elsewhere before the answer do not hide that the callee is heard late', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.request(0, 'INVITE', { sdp: audioOf(ALICE) });
    dialog.response(100, 183, 'INVITE', { sdp: audioOf(TONES) });
    const from = { ip: TONES.ip, port: TONES.rtpPort };
    tape.rtp({ from, to: dialog.rtpOf('caller'), ssrc: 9, atMs: 200, count: 180 });
    dialog.response(4000, 200, 'INVITE', { sdp: audioOf(BOB) });
    dialog.request(4010, 'ACK');
    dialog.media('caller', 4020, 900);
    dialog.media('callee', 8500, 600);
    dialog.released(21_000);
    const { calls, findings } = tape.play();
    expect(calls[0]!.setup.mediaDelayMs).toEqual({ callerToCallee: 20, calleeToCaller: 4500 });
    expect(findings.map(({ code, direction, evidence }) => [code, direction, evidence.delayMs])).toEqual([
      ['late_media', 'calleeToCaller', 4500],
    ]);
  });

  test('nothing is said of an answer', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.media('caller', 0, 1900);
    dialog.media('callee', 7, 400);
    dialog.reinvited(8000, 'caller', 5, audioOf(ALICE), audioOf(BOB));
    dialog.released(38_000);
    const { findings } = tape.play();
    expect(findings.map(({ code }) => code)).toEqual(['one_way_media']);
    expect(findings[0]!.text).not.toContain('answer');
  });
});

describe('a call whose INVITE was not seen', () => {
  const heard = (...sides: ('caller' | 'callee')[]): string | undefined => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.response(1000, 200, 'INVITE', { sdp: audioOf(BOB) });
    dialog.request(1010, 'ACK');
    for (const side of sides) dialog.media(side, 1050, 900);
    dialog.released(20_000);
    return tape.play().calls[0]?.verdict;
  };

  test('is healthy when both are heard, and nobody knows when one is: the INVITE may have said so', () => {
    expect([heard('caller', 'callee'), heard('callee'), heard('caller')]).toEqual([
      'healthy',
      'unknown',
      'unknown',
    ]);
  });
});
