import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildCapture } from '../../src/synth/build.ts';
import type { CallSpec } from '../../src/synth/scenario.ts';
import { build, earshot, Folder } from './earshot.ts';

const folder = new Folder();
beforeAll(() => build(), 180_000);
afterAll(() => folder.remove());

test('of a sample, the calls that were judged before there was another are not blamed either', () => {
  const calls = Array.from(
    { length: 4 },
    (_, i): CallSpec => ({
      startMs: 45_000 * i,
      durationMs: 12_000,
      caller: { ip: `198.51.100.${10 + i}` },
      callee: { ip: `203.0.113.${20 + i}` },
      rtcp: false,
    }),
  );
  const pcap = buildCapture({ calls, capture: { sample: { ratio: 0.4, of: 'media' } } });
  const { code, stdout } = earshot(['replay', folder.write('sample.pcap', pcap), '--json']);
  expect(code).toBe(0);
  const report = JSON.parse(stdout) as {
    calls: { verdict: string; heldBack: { code: string; reason: string }[] }[];
    findings: { code: string }[];
  };
  for (const { verdict, heldBack } of report.calls) {
    expect(verdict).toBe('unknown');
    expect(heldBack.map((each) => `${each.code} ${each.reason}`)).toEqual([
      'random_loss capture_thinned',
      'random_loss capture_thinned',
    ]);
  }
  expect(report.findings.map((finding) => finding.code)).toEqual(['capture_thinned']);
});
