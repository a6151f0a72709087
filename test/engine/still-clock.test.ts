import { expect, test } from 'vitest';
import { ALICE, BOB, Dialog } from '../calls/dialog.ts';
import { Tape } from '../calls/tape.ts';

/** A call with 400 packets each way, at the pace given, ms between packets. */
function call(paceMs: number): ReturnType<Tape['play']> {
  const tape = new Tape();
  const dialog = new Dialog(tape);
  dialog.answered(0);
  for (const [from, to, ssrc] of [
    [ALICE, BOB, 1],
    [BOB, ALICE, 2],
  ] as const) {
    const [here, there] = [from, to].map(({ ip, rtpPort }) => ({ ip, port: rtpPort })) as [never, never];
    const delayMs = (index: number): number => index * (paceMs - 20);
    tape.rtp({
      from: here,
      to: there,
      ssrc,
      atMs: 1010,
      count: 400,
      delayMs,
      lost: (index) => index === 200,
    });
  }
  return tape.play();
}

test('packets that all have one time stamp have a score by what was lost, and no timing', () => {
  const { streams, findings, account } = call(0);
  expect(streams).toHaveLength(2);
  for (const stream of streams) {
    expect(stream).toMatchObject({ packets: 399, lost: 1, pdvMs: { p95: null }, jitterMs: { mean: null } });
    expect(stream.quality?.impairments.discard).toBe(0);
    expect(stream.quality?.mosLq).toBeGreaterThan(4.3);
  }
  expect(findings).toEqual([]);
  expect(account.stillStamps).toBe(false);
});

test('a capture of which all packets have one is doubted', () => {
  const tape = new Tape();
  const [from, to] = [ALICE, BOB].map(({ ip, rtpPort }) => ({ ip, port: rtpPort })) as [never, never];
  tape.rtp({ from, to, ssrc: 1, atMs: 0, count: 400, delayMs: (index) => -20 * index });
  const { account, streams, findings } = tape.play();
  expect(account.stillStamps).toBe(true);
  expect(streams[0]).toMatchObject({ packets: 400, durationMs: 0 });
  expect(findings).toEqual([]);
});

test('at their own pace they have both', () => {
  const { streams, account } = call(20);
  expect(streams[0]).toMatchObject({ packets: 399, lost: 1, jitterMs: { mean: 0 } });
  expect(account.stillStamps).toBe(false);
});
