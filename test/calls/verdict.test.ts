import { describe, expect, test } from 'vitest';
import type { FindingRecord } from '../../src/records/types.ts';
import { audioOf, Dialog } from './dialog.ts';
import { Tape } from './tape.ts';

const everyTenth = (i: number): boolean => i % 10 === 9;

/** Every finding says what it is about and why, in finite numbers. */
function expectEvidence(findings: readonly FindingRecord[]): void {
  for (const { code, text, evidence, startUs, callId } of findings) {
    expect(text.length, code).toBeGreaterThan(10);
    expect(text).not.toMatch(/NaN|Infinity|undefined|null/);
    expect(Object.keys(evidence).length, code).toBeGreaterThan(0);
    for (const [name, value] of Object.entries(evidence)) {
      if (typeof value === 'number') expect(Number.isFinite(value), `${code}.${name}`).toBe(true);
    }
    expect(Number.isFinite(startUs)).toBe(true);
    expect(callId).not.toBeNull();
  }
}

/** A call that failed with `code` after `earlyPackets` of early media. */
function failedCall(tape: Tape, code: number, earlyPackets = 0): void {
  const dialog = new Dialog(tape);
  dialog.request(0, 'INVITE', { sdp: audioOf(dialog.caller) });
  dialog.response(200, 183, 'INVITE', earlyPackets > 0 ? { sdp: audioOf(dialog.callee) } : {});
  dialog.media('callee', 300, earlyPackets, { lost: everyTenth });
  dialog.response(20_000, code, 'INVITE');
  dialog.request(20_010, 'ACK');
}

describe('the verdict of a call', () => {
  test('healthy: clean media', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.answered(0);
    dialog.conversation(1050, 500);
    dialog.released(12_000);
    const { calls, findings } = tape.play();
    expect(calls[0]!.verdict).toBe('healthy');
    expect(findings).toEqual([]);
  });

  test('unknown: one side was not heard, for less than makes a fault', () => {
    const heardOneWay = (talkMs: number) => {
      const tape = new Tape();
      const dialog = new Dialog(tape);
      dialog.answered(0);
      dialog.media('caller', 1050, 7 * 50);
      dialog.released(1000 + talkMs);
      // Another call shows that the tap sees both ways.
      const other = new Dialog(tape, 'other');
      other.answered(20_000);
      other.conversation(21_050, 500);
      other.released(32_000);
      return tape.play().calls[0]!;
    };
    expect(heardOneWay(7500)).toMatchObject({ verdict: 'unknown', findings: [], clean: null });
    expect(heardOneWay(9000)).toMatchObject({ verdict: 'media', findings: ['one_way_media'] });
  });

  test('media: one direction loses every tenth packet', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.answered(0);
    dialog.media('caller', 1050, 500, { lost: everyTenth });
    dialog.media('callee', 1057, 500);
    dialog.released(12_000);
    const { calls, streams, findings } = tape.play();
    expect(calls[0]).toMatchObject({ verdict: 'media' });
    const loss = findings.find((finding) => finding.code.endsWith('_loss'))!;
    expect(loss).toMatchObject({
      direction: 'callerToCallee',
      streamId: streams[0]!.id,
      severity: 'critical',
    });
    // The last packet is lost as well, which nobody can know.
    expect(loss.evidence).toMatchObject({ lost: 49, expected: 499, longestLossRun: 1 });
    expectEvidence(findings);
  });

  test('media: bursts are told from random loss', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.answered(0);
    dialog.conversation(1050, 600, { lost: (i) => i % 150 >= 140 });
    dialog.released(14_000);
    const { calls, findings } = tape.play();
    expect(calls[0]).toMatchObject({ verdict: 'media', findings: ['burst_loss'] });
    expectEvidence(findings);
  });

  test('media: delay variation no usual buffer absorbs', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.answered(0);
    dialog.conversation(1050, 600, { delayMs: (i) => (i % 5) * 40 });
    dialog.released(14_000);
    const { calls, findings } = tape.play();
    expect(calls[0]!.verdict).toBe('media');
    expect(calls[0]!.findings).toContain('high_jitter');
    expectEvidence(findings);
  });

  test.each([
    [403, 'setup_failed'],
    [503, 'setup_failed'],
    [488, 'codec_negotiation_failed'],
    [606, 'codec_negotiation_failed'],
    [415, 'codec_negotiation_failed'],
  ])('signalling: refused with %i', (code, finding) => {
    const tape = new Tape();
    failedCall(tape, code);
    const { calls, findings } = tape.play();
    expect(calls[0]).toMatchObject({
      state: 'failed',
      finalCode: code,
      verdict: 'signalling',
      findings: [finding],
    });
    expect(findings[0]!.evidence).toMatchObject({ finalCode: code, afterMs: 20_000 });
    expectEvidence(findings);
  });

  test.each([486, 480, 603, 600, 408])('healthy: %i is what users do', (code) => {
    const tape = new Tape();
    failedCall(tape, code);
    const { calls, findings } = tape.play();
    expect(calls[0]).toMatchObject({ state: 'failed', verdict: 'healthy', findings: [] });
    expect(findings).toEqual([]);
  });

  test('both: early media full of loss, then a failure of the service', () => {
    const tape = new Tape();
    failedCall(tape, 503, 600);
    const { calls, findings } = tape.play();
    expect(calls[0]).toMatchObject({ verdict: 'both' });
    expect(calls[0]!.findings).toContain('setup_failed');
    expect(calls[0]!.findings).toHaveLength(2);
    expectEvidence(findings);
  });

  test('signalling: no answer at all', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    for (const atMs of [0, 500, 1500, 3500]) dialog.request(atMs, 'INVITE', { sdp: audioOf(dialog.caller) });
    tape.idle(40_000);
    const { calls, findings } = tape.play();
    expect(calls[0]).toMatchObject({ state: 'failed', finalCode: null, verdict: 'signalling' });
    expect(findings[0]).toMatchObject({ code: 'setup_timeout', evidence: { waitedMs: 40_000 } });
    expectEvidence(findings);
  });

  test('unknown: still ringing, and set up with too little media to judge', () => {
    const tape = new Tape();
    const ringing = new Dialog(tape, 'ringing');
    ringing.request(0, 'INVITE', { sdp: audioOf(ringing.caller) });
    ringing.response(200, 180, 'INVITE');
    const brief = new Dialog(tape, 'brief', undefined, {
      user: 'c',
      ip: '198.51.100.9',
      sipPort: 5060,
      rtpPort: 36_000,
    });
    brief.answered(100);
    brief.conversation(1150, 50);
    brief.released(3000);
    const { calls, findings } = tape.play();
    expect(calls.map((call) => [call.callId, call.state, call.verdict])).toEqual([
      ['ringing', 'ringing', 'unknown'],
      ['brief', 'answered', 'unknown'],
    ]);
    expect(findings.map(({ callId, code, severity }) => [callId, code, severity])).toEqual([
      ['brief', 'short_call', 'info'],
    ]);
  });

  test('how little media can be judged is a threshold', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.answered(0);
    dialog.conversation(1050, 100);
    dialog.released(3500);
    const verdictBy = (expectedMin: number) => tape.play({ thresholds: { expectedMin } }).calls[0]!;
    expect(verdictBy(250)).toMatchObject({ verdict: 'unknown', clean: null });
    const { verdict, clean } = verdictBy(80);
    expect(verdict).toBe('healthy');
    expect(clean?.checked[0]).toContain('signalling: answered after');
  });
});
