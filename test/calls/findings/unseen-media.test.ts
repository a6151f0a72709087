import { describe, expect, test } from 'vitest';
import { ALICE, BOB, Dialog, type Peer } from '../dialog.ts';
import { Tape } from '../tape.ts';

const VOICEMAIL: Peer = { user: 'voicemail', ip: '203.0.113.5', sipPort: 5060, rtpPort: 40_000 };

/** Calls between two sites, one after the other, without media at the tap; one to a mailbox of the PBX has some. */
function atPbx(count: number): Tape {
  const tape = new Tape();
  for (let i = 0; i < count; i++) {
    const number = i + 1;
    const caller = { ...ALICE, ip: `192.0.2.${10 + i}`, rtpPort: ALICE.rtpPort + 2 * number };
    const callee = { ...BOB, ip: `198.51.100.${20 + i}`, rtpPort: BOB.rtpPort + 2 * number };
    const dialog = new Dialog(tape, `direct-${i}`, caller, callee);
    dialog.answered(i * 500);
    dialog.released(20_000 + i * 500);
  }
  const mailbox = new Dialog(tape, 'mailbox', ALICE, VOICEMAIL);
  mailbox.answered(100);
  mailbox.conversation(1150, 900);
  mailbox.released(19_500);
  return tape;
}

describe('calls without media, while others have some', () => {
  test('a tap that never saw media between two networks does not know of any', () => {
    const { calls, findings } = atPbx(4).play();
    const direct = calls.filter(({ callId }) => callId !== 'mailbox');
    expect(direct.map(({ verdict }) => verdict)).toEqual(['unknown', 'unknown', 'unknown', 'unknown']);
    expect(direct.map(({ heldBack }) => heldBack[0]?.code)).toEqual(Array(4).fill('no_media'));
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual(
      Array(4).fill(['capture_one_sided', 'info']),
    );
    expect(calls.find(({ callId }) => callId === 'mailbox')!.verdict).toBe('healthy');
  });

  test('two such calls are too few to doubt the tap', () => {
    const { findings } = atPbx(2).play();
    expect(findings.map(({ code }) => code)).toEqual(['no_media', 'no_media']);
  });

  test('where media between these networks was seen once, its absence is told', () => {
    const tape = atPbx(4);
    const dialog = new Dialog(tape, 'seen', { ...ALICE, ip: '192.0.2.99' }, { ...BOB, ip: '198.51.100.99' });
    dialog.answered(30_000);
    dialog.conversation(31_050, 400);
    dialog.released(40_000);
    const { findings } = tape.play();
    expect(findings.map(({ code }) => code)).toEqual(Array(4).fill('no_media'));
  });

  test('an outage of six hours is told to the end, and that the tap may have changed', () => {
    const tape = new Tape();
    for (let i = 0; i < 21; i++) {
      const atMs = i * 1_200_000;
      const dialog = new Dialog(tape, `call-${String(i).padStart(2, '0')}`);
      dialog.answered(atMs);
      // An hour of calls with media, then six without.
      if (i < 3) dialog.conversation(atMs + 1050, 400);
      dialog.released(atMs + 12_000);
      // Capture time is noticed by packets.
      for (let k = 1; k < 40; k++) tape.idle(atMs + 30_000 * k);
    }
    const { calls, findings } = tape.play();
    expect(calls.map(({ verdict }) => verdict)).toEqual([
      ...Array(3).fill('healthy'),
      ...Array(18).fill('media'),
    ]);
    expect(findings.map(({ code }) => code)).toEqual(Array(18).fill('no_media'));
    expect(findings[0]!.text).not.toContain('the tap');
    expect(findings.at(-1)!.text).toMatch(
      /no call has brought media between their networks for 6\.0 h, and calls did before: all of them fail there, or the tap/,
    );
    expect(findings.at(-1)!.evidence.othersSilentMs).toBeGreaterThan(6 * 3_599_000);
  });
});
