import { describe, expect, test } from 'vitest';
import { ALICE, audioOf, BOB, Dialog, type Peer, sessionOf } from './dialog.ts';
import { Tape, tapeMs } from './tape.ts';

/** A tape with one dialog on it, seen behind a proxy that forks: every branch is an INVITE of its own. */
function forked(): { tape: Tape; dialog: Dialog; invite: (atMs: number, branch: string) => void } {
  const tape = new Tape();
  const dialog = new Dialog(tape);
  const invite = (atMs: number, branch: string): void =>
    dialog.request(atMs, 'INVITE', { sdp: audioOf(dialog.caller), branch });
  return { tape, dialog, invite };
}

describe('several branches of one INVITE', () => {
  test('one is busy, the other answers', () => {
    const { tape, dialog, invite } = forked();
    invite(0, 'b1');
    invite(1, 'b2');
    dialog.response(100, 486, 'INVITE', { branch: 'b1', calleeTag: 't1' });
    dialog.response(200, 180, 'INVITE', { branch: 'b2' });
    dialog.response(30_000, 200, 'INVITE', { branch: 'b2', sdp: audioOf(dialog.callee) });
    dialog.request(30_010, 'ACK');
    dialog.conversation(30_050, 300);
    dialog.released(37_000);
    const { calls, findings } = tape.play();
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ state: 'answered', finalCode: 200, setup: { answerDelayMs: 30_000 } });
    expect(findings).toEqual([]);
  });

  test('one is busy, the other is still ringing half a minute later: the call waits for it', () => {
    const { tape, dialog, invite } = forked();
    invite(0, 'b1');
    invite(1, 'b2');
    dialog.response(100, 486, 'INVITE', { branch: 'b1', calleeTag: 't1' });
    dialog.response(200, 180, 'INVITE', { branch: 'b2' });
    for (let atMs = 1000; atMs < 40_000; atMs += 1000) tape.idle(atMs);
    dialog.response(40_000, 480, 'INVITE', { branch: 'b2' });
    const { calls } = tape.play();
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ state: 'failed', finalCode: 486 });
  });

  test('one target after the other: the last branch decides', () => {
    const { tape, dialog, invite } = forked();
    invite(0, 'b1');
    dialog.response(200, 180, 'INVITE', { branch: 'b1', calleeTag: 't1' });
    dialog.request(15_000, 'CANCEL', { branch: 'b1' });
    dialog.response(15_010, 487, 'INVITE', { branch: 'b1', calleeTag: 't1' });
    invite(15_020, 'b2');
    dialog.response(15_100, 503, 'INVITE', { branch: 'b2', calleeTag: 't2' });
    const { calls, findings } = tape.play();
    expect(calls[0]).toMatchObject({ state: 'failed', finalCode: 503, releasedBy: null });
    expect(calls[0]!.signalling).toMatchObject({ tries: 1, forks: 1 });
    expect(findings.map(({ code }) => code)).toEqual(['setup_failed']);
  });

  test('what a proxy hears behind it decides nothing: it tries elsewhere', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    const proxy = { ip: '203.0.113.5', port: 5060 };
    const [alice, bob] = [dialog.caller, dialog.callee].map(({ ip, sipPort }) => ({ ip, port: sipPort }));
    const sdp = audioOf(dialog.caller);
    dialog.request(0, 'INVITE', { sdp, branch: 'near', hop: [alice!, proxy] });
    dialog.response(1, 100, 'INVITE', { branch: 'near', hop: [proxy, alice!] });
    dialog.request(2, 'INVITE', { sdp, branch: 'far1', hop: [proxy, bob!] });
    dialog.response(50, 503, 'INVITE', { branch: 'far1', calleeTag: 't1', hop: [bob!, proxy] });
    for (let atMs = 1000; atMs < 20_000; atMs += 1000) tape.idle(atMs);
    dialog.request(20_000, 'INVITE', { sdp, branch: 'far2', hop: [proxy, bob!] });
    dialog.response(20_100, 486, 'INVITE', { branch: 'far2', calleeTag: 't2', hop: [bob!, proxy] });
    dialog.response(20_102, 486, 'INVITE', { branch: 'near', calleeTag: 't2', hop: [proxy, alice!] });
    const { calls, findings } = tape.play();
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ state: 'failed', finalCode: 486, durationMs: 20_102 });
    expect(findings).toEqual([]);
  });

  test('two branches answer: the second one is released and the call goes on (RFC 3261 13.2.2.4)', () => {
    const { tape, dialog, invite } = forked();
    invite(0, 'b1');
    invite(1, 'b2');
    dialog.response(1000, 200, 'INVITE', { branch: 'b1', sdp: audioOf(dialog.callee) });
    dialog.response(1005, 200, 'INVITE', { branch: 'b2', calleeTag: 'late', sdp: audioOf(BOB) });
    dialog.request(1010, 'ACK');
    dialog.request(1012, 'ACK', { calleeTag: 'late' });
    dialog.request(1020, 'BYE', { cseq: 2, calleeTag: 'late' });
    dialog.response(1030, 200, 'BYE', { cseq: 2, calleeTag: 'late' });
    dialog.conversation(1050, 300);
    dialog.released(9000, 'callee', 4);
    const { calls, findings } = tape.play();
    expect(calls[0]).toMatchObject({ state: 'answered', releasedBy: 'callee', durationMs: 9000 });
    expect(tapeMs(calls[0]!.answerUs)).toBe(1000);
    expect(calls[0]!.signalling.forks).toBe(2);
    expect(findings).toEqual([]);
  });
});

describe('descriptions of the branch that answers', () => {
  const CAROL: Peer = { user: 'carol', ip: '198.51.100.30', sipPort: 5060, rtpPort: 32_000 };

  test('an announcement on another branch, told of last, is no hold', () => {
    const { tape, dialog, invite } = forked();
    invite(0, 'b1');
    dialog.response(100, 183, 'INVITE', { branch: 'b1', sdp: audioOf(BOB) });
    const announcing = audioOf(CAROL, { lines: ['a=sendonly'] });
    dialog.response(300, 183, 'INVITE', { branch: 'b1', calleeTag: 'other', sdp: announcing });
    dialog.response(4000, 200, 'INVITE', { branch: 'b1', sdp: audioOf(BOB) });
    dialog.request(4010, 'ACK');
    dialog.media('caller', 4050, 800);
    dialog.released(20_000);
    const { calls, findings } = tape.play();
    expect(calls[0]!.verdict).toBe('media');
    expect(findings.map(({ code, direction }) => [code, direction])).toEqual([
      ['one_way_media', 'calleeToCaller'],
    ]);
  });

  test('a branch that asks for SRTP in vain is no mismatch', () => {
    const { tape, dialog, invite } = forked();
    invite(0, 'b1');
    const key = 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz';
    const line = {
      port: CAROL.rtpPort,
      protocol: 'RTP/SAVP',
      codecs: [[0, 'PCMU/8000']] as [number, string][],
    };
    const secured = sessionOf(CAROL.ip, { ...line, lines: [key] });
    dialog.response(100, 183, 'INVITE', { branch: 'b1', calleeTag: 'other', sdp: secured });
    dialog.response(4000, 200, 'INVITE', { branch: 'b1', sdp: audioOf(BOB) });
    dialog.request(4010, 'ACK');
    dialog.conversation(4050, 400);
    dialog.released(13_000);
    expect(tape.play().findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
  });

  test('a line that was refused says nothing of a hold', () => {
    const { tape, dialog } = forked();
    const codecs: [number, string][] = [[0, 'PCMU/8000']];
    const offer = sessionOf(
      ALICE.ip,
      { port: 21_000, codecs, lines: ['a=sendonly'] },
      { port: ALICE.rtpPort, codecs },
    );
    dialog.answered(0, offer, sessionOf(BOB.ip, { port: 0, codecs }, { port: BOB.rtpPort, codecs }));
    dialog.media('caller', 1050, 700);
    dialog.released(15_000);
    expect(tape.play().findings.map(({ code }) => code)).toEqual(['one_way_media']);
  });
});

describe('one direction only', () => {
  test('an ACK of its own branch tells that the call was answered', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.request(0, 'INVITE', { sdp: audioOf(dialog.caller) });
    dialog.request(3000, 'ACK');
    dialog.request(60_000, 'BYE', { cseq: 2 });
    tape.idle(120_000);
    const { calls, findings } = tape.play();
    expect(calls[0]).toMatchObject({
      state: 'answered',
      answerUs: null,
      finalCode: null,
      releasedBy: 'caller',
    });
    expect(findings).toEqual([]);
  });

  test('an ACK of the branch of the INVITE acknowledges a refusal (17.1.1.3)', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.request(0, 'INVITE', { sdp: audioOf(dialog.caller), branch: 'x' });
    dialog.request(3000, 'ACK', { branch: 'x' });
    tape.idle(120_000);
    const { calls, findings } = tape.play();
    expect(calls[0]).toMatchObject({ state: 'open', answerUs: null });
    expect(findings).toEqual([]);
  });
});
