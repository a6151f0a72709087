import { describe, expect, test } from 'vitest';
import { idleBeforeMs } from '../../../src/calls/findings/idle-before.ts';
import { START_US, stream } from '../../report/records.ts';
import { Dialog } from '../dialog.ts';
import { Tape } from '../tape.ts';

const at = (s: number): number => START_US + s * 1e6;
const { history } = stream();

describe('how long the other direction had sent nothing', () => {
  test('since its end, or since the silence began that was going on', () => {
    const ended = stream({ startUs: at(0), endUs: at(20) });
    expect(idleBeforeMs([ended], at(50))).toBe(30_000);
    const silent = { ...history, longSilences: [{ atMs: 20_000, durationMs: 40_000 }] };
    expect(idleBeforeMs([stream({ startUs: at(0), endUs: at(90), history: silent })], at(50))).toBe(30_000);
    const gap = { missing: 0, mediaMs: 40_000, stayed: false, marker: false };
    const paused = { ...history, gaps: [{ atMs: 20_000, durationMs: 40_000, ...gap }] };
    expect(idleBeforeMs([stream({ startUs: at(0), endUs: at(90), history: paused })], at(50))).toBe(30_000);
    // Another stream of the direction was not silent.
    expect(idleBeforeMs([ended, stream({ startUs: at(0), endUs: at(49) })], at(50))).toBeNull();
  });

  test('nothing is said of less than ten seconds, of silence that was over, and where nothing had come at all', () => {
    expect(idleBeforeMs([stream({ startUs: at(0), endUs: at(41) })], at(50))).toBeNull();
    const over = { ...history, longSilences: [{ atMs: 5000, durationMs: 40_000 }] };
    expect(idleBeforeMs([stream({ startUs: at(0), endUs: at(90), history: over })], at(50))).toBeNull();
    expect(idleBeforeMs([stream({ startUs: at(60), endUs: at(90) })], at(50))).toBeNull();
    expect(idleBeforeMs([], at(50))).toBeNull();
  });

  test('media that stops tells it, with the silence of the other side as the stream kept it', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.answered(0);
    dialog.media('caller', 1050, 1000);
    dialog.media('callee', 1057, 2500);
    dialog.released(90_000);
    const stopped = tape.play().findings.filter(({ code }) => code === 'media_stopped');
    const [caller, callee] = stopped.sort((a, b) => a.startUs - b.startUs);
    expect(caller).toMatchObject({ direction: 'callerToCallee', evidence: { otherIdleMs: null } });
    expect(callee!.evidence.otherIdleMs as number).toBeCloseTo(30_007, -1);
    expect(callee!.text).toMatch(/talk after it; the other direction had sent nothing for 30 s by then$/);
  });
});
