import { describe, expect, test } from 'vitest';
import { Dialog } from '../dialog.ts';
import { Tape } from '../tape.ts';

describe('media of one side from several hosts', () => {
  const outside = { ip: '203.0.113.7', port: 31_000 };

  /** A call seen before and behind the caller's NAT; what comes from outside has this SSRC and begins then. */
  function seenTwice(ssrc: number, atMs: number): string[] {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.answered(0);
    dialog.conversation(1050, 700);
    const count = 700 - Math.round((atMs - 1050) / 20);
    tape.rtp({ from: outside, to: dialog.rtpOf('callee'), ssrc, atMs, count });
    tape.rtp({ from: dialog.rtpOf('callee'), to: outside, ssrc: 0x0b0b0b0b, atMs: 1058, count: 700 });
    dialog.released(16_000);
    return tape.play().findings.map(({ code }) => code);
  }

  test('before and behind a NAT it is one sender, and no stranger', () => {
    expect(seenTwice(0x0a0a0a0a, 1051)).toEqual(['source_differs_from_sdp']);
  });

  test('a stranger is one, with an SSRC of its own or with one that it took later', () => {
    expect(seenTwice(0x77, 1051)).toEqual(['unexpected_rtp']);
    expect(seenTwice(0x0a0a0a0a, 5050)).toEqual(['unexpected_rtp']);
  });
});
