import { describe, expect, test } from 'vitest';
import { evaluateCodec } from '../../src/quality/evaluate.ts';
import { mosFromR } from '../../src/quality/mos.ts';
import {
  coleRosenbluthR,
  pingPlotterR,
  rtpengineFullbandMos,
  rtpengineR,
  voipmonitorG711Mos,
} from '../../src/quality/other-formulas.ts';

describe('what other tools print (standards 4.8)', () => {
  test('Cole and Rosenbluth: MOS 4.43 at 0 ms', () => {
    expect(mosFromR(coleRosenbluthR('g711-random', 0, 0))).toBeCloseTo(4.43, 2);
  });

  test('Cole and Rosenbluth: within 3 R of the full model to 400 ms, 8 too low at 500, 16 at 600', () => {
    const off = (delayMs: number): number =>
      coleRosenbluthR('g711-random', delayMs, 0) - evaluateCodec({ codec: 'g711', delayMs }).r!;
    for (let delayMs = 0; delayMs <= 400; delayMs += 10) expect(Math.abs(off(delayMs))).toBeLessThan(3);
    expect(Math.round(off(500))).toBe(-8);
    expect(Math.round(off(600))).toBe(-16);
  });

  test('PingPlotter: 5 % loss still MOS 4.04', () => {
    expect(mosFromR(pingPlotterR(0, 0, 5))).toBeCloseTo(4.04, 2);
  });

  test('rtpengine: at most R 89.9, MOS 4.34', () => {
    expect(rtpengineR(0, 0)).toBeCloseTo(89.9, 1);
    expect(mosFromR(rtpengineR(0, 0))).toBeCloseTo(4.34, 2);
    expect(rtpengineFullbandMos(0, 0)).toBe(mosFromR((148 - 10.2) / 1.48));
  });

  test('VoIPmonitor: from 4.5 to 4.3 at the fifth lost packet', () => {
    expect(voipmonitorG711Mos(0.01, 1, 4)).toBe(4.5);
    expect(voipmonitorG711Mos(0.01, 1, 5)).toBeCloseTo(4.3, 1);
  });
});
