import { describe, expect, test } from 'vitest';
import { ALICE, audioOf, BOB, Dialog, type Peer } from './dialog.ts';
import { Tape } from './tape.ts';

const SBC: Peer = { user: 'bob', ip: '203.0.113.5', sipPort: 5060, rtpPort: 40_000 };
const SBC_OUTSIDE: Peer = { user: 'alice', ip: '203.0.113.6', sipPort: 5060, rtpPort: 41_000 };

describe('one Call-ID, several dialogs', () => {
  test('both legs of a B2BUA that keeps the Call-ID are calls with media of their own', () => {
    const tape = new Tape();
    const near = new Dialog(tape, 'kept@example.com', ALICE, SBC, 'alice-tag');
    const far = new Dialog(tape, 'kept@example.com', SBC_OUTSIDE, BOB, 'sbc-tag');
    near.request(0, 'INVITE', { sdp: audioOf(ALICE) });
    far.request(20, 'INVITE', { sdp: audioOf(SBC_OUTSIDE) });
    far.response(1000, 200, 'INVITE', { sdp: audioOf(BOB) });
    far.request(1010, 'ACK');
    near.response(1020, 200, 'INVITE', { sdp: audioOf(SBC) });
    near.request(1030, 'ACK');
    near.conversation(1050, 500);
    far.conversation(1052, 500);
    near.released(12_000);
    far.released(12_010);
    const { calls, streams, findings } = tape.play();
    expect(findings).toEqual([]);
    expect(calls.map(({ state, verdict }) => [state, verdict])).toEqual([
      ['answered', 'healthy'],
      ['answered', 'healthy'],
    ]);
    const ends = (call: number): string[] =>
      streams.filter(({ id }) => calls[call]!.streams.includes(id)).map(({ src }) => src.ip);
    expect(ends(0).sort()).toEqual([ALICE.ip, SBC.ip].sort());
    expect(ends(1).sort()).toEqual([BOB.ip, SBC_OUTSIDE.ip].sort());
  });

  test.each([3000, 20_000])('the next call with an old Call-ID, %i ms after its end', (pauseMs) => {
    const tape = new Tape();
    const first = new Dialog(tape, 'again@example.com', ALICE, BOB, 'first-tag');
    first.answered(0);
    first.conversation(1020, 400);
    first.released(9100);
    const atMs = 9100 + pauseMs;
    const second = new Dialog(tape, 'again@example.com', ALICE, BOB, 'second-tag');
    second.answered(atMs);
    second.media('caller', atMs + 1020, 500, { ssrc: 77 });
    second.released(atMs + 11_100);
    const { calls, findings } = tape.play();
    expect(calls.map(({ state, verdict }) => [state, verdict])).toEqual([
      ['answered', 'healthy'],
      ['answered', 'media'],
    ]);
    expect(findings.map(({ code, direction }) => [code, direction])).toEqual([
      ['one_way_media', 'calleeToCaller'],
    ]);
  });

  test('a challenge answered with another tag is the same attempt', () => {
    const tape = new Tape();
    const first = new Dialog(tape, 'asked@example.com', ALICE, BOB, 'first-tag');
    first.request(0, 'INVITE', { sdp: audioOf(ALICE) });
    first.response(20, 407, 'INVITE');
    const second = new Dialog(tape, 'asked@example.com', ALICE, BOB, 'second-tag');
    const again = { cseq: 2, branch: 'again' };
    second.request(100, 'INVITE', { ...again, sdp: audioOf(ALICE), calleeTag: null });
    second.response(1100, 200, 'INVITE', { ...again, sdp: audioOf(BOB) });
    second.request(1110, 'ACK', { cseq: 2 });
    second.conversation(1150, 300);
    second.released(9000);
    const { calls, findings } = tape.play();
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ state: 'answered', finalCode: 200, releasedBy: 'caller' });
    expect(calls[0]!.signalling).toMatchObject({ tries: 2 });
    expect(findings).toEqual([]);
  });

  test('late repetitions of the call before open nothing, nor does a BYE of its callee', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.answered(0);
    dialog.conversation(1020, 300);
    dialog.released(9000, 'callee', 4);
    for (let atMs = 10_000; atMs < 40_000; atMs += 1000) tape.idle(atMs);
    dialog.released(40_000, 'callee', 4);
    dialog.request(40_100, 'INVITE', { sdp: audioOf(ALICE) });
    expect(tape.play().calls).toHaveLength(1);
  });
});
