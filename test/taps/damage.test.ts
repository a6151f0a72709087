import '../property-seed.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import { renderTaps } from '../../src/taps/taps-text.ts';
import { captureOf, comparedTaps, packetsOf, routed } from './two-points.ts';

const all = packetsOf(
  buildScenario({
    seed: 6,
    calls: [{ durationMs: 600 }, { durationMs: 400, transport: 'tcp', startMs: 100 }],
  }).pcap,
);

describe('damaged captures', () => {
  test('whatever octets are changed, there is an answer whose figures are in bounds', () => {
    const damage = fc.array(fc.tuple(fc.nat(all.length - 1), fc.nat(1500), fc.nat(255)), { maxLength: 400 });
    fc.assert(
      fc.property(damage, fc.boolean(), (changes, isOne) => {
        const frames = all.map((packet) => ({ ...packet, frame: packet.frame.slice() }));
        for (const [at, octet, value] of changes) {
          const { frame } = frames[at]!;
          frame[octet % frame.length] = value;
        }
        const other = all.map((packet) => routed(packet, 700));
        const captures = isOne ? [captureOf([...frames, ...other])] : [captureOf(frames), captureOf(other)];
        const comparison = comparedTaps(captures, { engine: false });
        for (const { between } of comparison.streams) {
          expect(between.lost).toBeGreaterThanOrEqual(0);
          expect(between.lost + between.paired).toBe(between.compared);
          expect(between.compared).toBeLessThanOrEqual(all.length);
        }
        // Nothing that moves a cursor gets through.
        const text = [...renderTaps(comparison, { columns: 80 })].join('');
        expect(text.replaceAll('\n', '')).toMatch(/^\P{Cc}*$/u);
        expect(() => JSON.stringify(comparison)).not.toThrow();
      }),
      { numRuns: 25 },
    );
  });
});
