import { describe, expect, test } from 'vitest';
import { audioOf, BOB, Dialog, type Peer } from '../dialog.ts';
import { Tape } from '../tape.ts';

/** Signals from outside its NAT, and asks for media inside it. */
const OUTSIDE: Peer = { user: 'alice', ip: '203.0.113.7', sipPort: 61_000, rtpPort: 31_000 };
const INSIDE: Peer = { ...OUTSIDE, ip: '192.168.1.10' };

type Played = ReturnType<Tape['play']>;

/** What is said of the private address: severity and whether media arrives; and the verdict of the first call. */
function said({ calls, findings }: Played): unknown[] {
  const found = findings.find(({ code }) => code === 'private_sdp_address');
  return [calls[0]!.verdict, found?.severity ?? null, found?.evidence.mediaArrives ?? null];
}

function callOf(tape: Tape, releasedMs: number, lines: string[] = [], number = 0): Dialog {
  const dialog = new Dialog(tape, `private-${number}`, OUTSIDE, BOB);
  dialog.answered(number, audioOf(INSIDE, { lines }));
  dialog.released(releasedMs);
  return dialog;
}

describe('a private address in an SDP that crosses a public network', () => {
  test('a capture of signalling alone does not know whether media arrives', () => {
    const tape = new Tape();
    callOf(tape, 20_000);
    expect(said(tape.play())).toEqual(['unknown', 'info', null]);
  });

  test('nor does a call that is over before media is missed', () => {
    const tape = new Tape();
    callOf(tape, 3000).media('caller', 1050, 90);
    expect(said(tape.play())).toEqual(['unknown', 'info', null]);
  });

  test('nor does a call on hold', () => {
    const tape = new Tape();
    callOf(tape, 20_000, ['a=sendonly']).media('caller', 1050, 900);
    expect(said(tape.play())).toEqual(['healthy', 'info', null]);
  });

  test('a tap that never saw that direction accuses nobody', () => {
    const tape = new Tape();
    for (let i = 0; i < 4; i++) {
      const own: Peer = { ...BOB, rtpPort: BOB.rtpPort + 2 * i };
      const dialog = new Dialog(tape, `private-${i}`, OUTSIDE, own);
      dialog.answered(i * 100, audioOf(INSIDE));
      tape.rtp({
        from: { ip: OUTSIDE.ip, port: OUTSIDE.rtpPort + 2 * i },
        to: dialog.rtpOf('callee'),
        ssrc: 50 + i,
        atMs: 1100 + i * 100,
        count: 900,
      });
      dialog.released(20_000 + i * 100);
    }
    const { calls, findings } = tape.play();
    expect(calls.map(({ verdict }) => verdict)).toEqual(['unknown', 'unknown', 'unknown', 'unknown']);
    expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
  });

  test('where one direction is heard and the other is not, it is the likely cause', () => {
    const tape = new Tape();
    callOf(tape, 20_000).media('caller', 1050, 900);
    const played = tape.play();
    expect(said(played)).toEqual(['media', 'warning', false]);
    expect(played.findings.map(({ code }) => code)).toContain('one_way_media');
  });

  test('media that goes back to where the caller sends from arrives', () => {
    const tape = new Tape();
    callOf(tape, 20_000).conversation(1050, 900);
    expect(said(tape.play())).toEqual(['healthy', 'info', true]);
  });
});
