import { describe, expect, test } from 'vitest';
import type { FindingRecord } from '../../../src/records/types.ts';
import { audioOf, BOB, Dialog } from '../dialog.ts';
import { Tape } from '../tape.ts';

const TIMER_A = [500, 1500, 3500, 7500, 15_500, 31_500];

function oneInvite(repeats: readonly number[] = []): { tape: Tape; dialog: Dialog } {
  const tape = new Tape();
  const dialog = new Dialog(tape);
  for (const atMs of [0, ...repeats]) dialog.request(atMs, 'INVITE', { sdp: audioOf(dialog.caller) });
  return { tape, dialog };
}

function severities(findings: readonly FindingRecord[]): [string, string][] {
  return findings.map(({ code, severity }) => [code, severity]);
}

describe('no answer at all', () => {
  test('sent again by timer A: certain', () => {
    const { tape } = oneInvite(TIMER_A);
    tape.idle(60_000);
    const { calls, findings } = tape.play();
    expect(calls[0]!.state).toBe('failed');
    expect(severities(findings)).toEqual([['setup_timeout', 'critical']]);
    expect(findings[0]!.evidence).toMatchObject({ retransmissions: 6, target: '198.51.100.20:5060' });
  });

  test('the capture ends before timer B: nothing is known but the retransmissions', () => {
    const { tape } = oneInvite(TIMER_A.slice(0, 4));
    tape.idle(10_000);
    const { calls, findings } = tape.play();
    expect(calls[0]!.state).toBe('open');
    expect(severities(findings)).toEqual([['sip_retransmissions', 'warning']]);
  });

  test('the capture ends after the last repetition of timer A, just before timer B', () => {
    const { tape } = oneInvite(TIMER_A);
    tape.idle(31_600);
    const { calls, findings } = tape.play();
    expect(calls[0]!.state).toBe('failed');
    expect(severities(findings)).toEqual([['setup_timeout', 'critical']]);
    expect(findings[0]!.text).toBe(
      'INVITE got no answer at all from 198.51.100.20:5060 within 32 s, sent again 6 times',
    );
  });

  test('not sent again, and nothing ever passes on its way to the caller: not to be told from one direction', () => {
    const { tape } = oneInvite();
    tape.idle(60_000);
    const { calls, findings } = tape.play();
    expect(calls[0]!.state).toBe('open');
    expect(findings).toEqual([]);
  });

  test('not sent again, though what goes to the caller passes here', () => {
    const { tape, dialog } = oneInvite();
    const other = new Dialog(tape, 'other', dialog.caller, { ...BOB, ip: '198.51.100.77' });
    other.answered(2000);
    other.conversation(3050, 300);
    other.released(10_000);
    tape.idle(60_000);
    const { findings } = tape.play();
    expect(severities(findings)).toEqual([['setup_timeout', 'warning']]);
  });

  test('given up after three repetitions in vain', () => {
    const { tape, dialog } = oneInvite(TIMER_A.slice(0, 4));
    dialog.request(9000, 'CANCEL');
    tape.idle(60_000);
    const { calls, findings } = tape.play();
    expect(calls[0]!.state).toBe('canceled');
    expect(findings.map(({ code }) => code)).toContain('setup_timeout');
  });
});

describe('an answer that leads nowhere', () => {
  test.each([
    [280_000, []],
    [320_000, [['setup_timeout', 'info']]],
  ])('ringing for %i ms', (endMs, expected) => {
    const { tape, dialog } = oneInvite();
    dialog.response(200, 180, 'INVITE');
    tape.idle(endMs);
    expect(severities(tape.play().findings)).toEqual(expected);
  });

  test('100, and the caller gives up after 20 s of silence', () => {
    const { tape, dialog } = oneInvite();
    dialog.response(10, 100, 'INVITE');
    dialog.request(20_000, 'CANCEL');
    dialog.response(20_005, 200, 'CANCEL');
    dialog.response(20_010, 487, 'INVITE');
    const { findings } = tape.play();
    expect(severities(findings)).toEqual([['slow_setup', 'warning']]);
    expect(findings[0]!.evidence).toMatchObject({ silenceMs: 20_000, postDialDelayMs: null });
  });

  test('an answer without ringing after 8 s', () => {
    const { tape, dialog } = oneInvite();
    dialog.response(10, 100, 'INVITE');
    dialog.response(8000, 200, 'INVITE', { sdp: audioOf(dialog.callee) });
    dialog.request(8010, 'ACK');
    dialog.conversation(8050, 300);
    dialog.released(15_000);
    expect(severities(tape.play().findings)).toEqual([['slow_setup', 'warning']]);
  });
});

describe('nothing but 100', () => {
  const waited = (seconds: number) => {
    const { tape, dialog } = oneInvite();
    dialog.response(30, 100, 'INVITE');
    tape.idle(seconds * 1000);
    return tape.play().findings;
  };

  test('for as long as the hop behind waits (timer B): timed out', () => {
    const found = waited(40);
    expect(severities(found)).toEqual([['setup_timeout', 'warning']]);
    expect(found[0]!.text).toBe('nothing but 100 Trying in 40 s');
  });

  test('for less, to the end of the capture: the caller has heard nothing so long', () => {
    const found = waited(20);
    expect(severities(found)).toEqual([['slow_setup', 'warning']]);
    expect(found[0]!.text).toBe('the caller heard nothing for 20 s and nothing more is seen');
  });

  test('for a moment at the end of the capture: nothing is known', () => {
    expect(waited(5)).toEqual([]);
  });
});
