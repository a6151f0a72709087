import { isoMicros } from '../report/iso-time.ts';
import { compareTaps, type Tap } from '../taps/compare-taps.ts';
import { TapFacts } from '../taps/tap-facts.ts';
import { TapReader } from '../taps/tap-reader.ts';
import type { TapsComparison } from '../taps/taps-contract.ts';
import { compareCoveredTaps } from './covered-taps.ts';
import type { MeasuringOptions } from './measuring-options.ts';
import type { ChosenPseudonyms } from './pseudonym-options.ts';
import { measureCaptures } from './replayed-captures.ts';

/** What comparing taps gave, and what could not be read. */
export interface ComparedTaps {
  comparison: TapsComparison;
  problems: string[];
}

/**
 * Reads one or two captures, each by the engine and packet by packet beside it, and compares the points.
 *
 * @param chosen the pseudonyms to put into it; null for none
 * @throws {CaptureError} when one cannot be opened
 */
export function readTaps(
  files: readonly string[],
  options: MeasuringOptions & { keylog?: string },
  chosen: ChosenPseudonyms | null,
): ComparedTaps {
  const problems: string[] = [];
  const taps = files.map((file, at): Tap => {
    const facts = new TapFacts();
    const reader = new TapReader(at, { severalPoints: files.length === 1 });
    const measured = measureCaptures([file], options, facts, (batch) => reader.ingest(batch));
    reader.finish();
    problems.push(...measured.problems);
    const { startUs, endUs, packets, trust } = measured.capture;
    const description = {
      files: [file],
      startTime: isoMicros(startUs),
      endTime: isoMicros(endUs),
      packets,
      trust: trust.verdict,
    };
    return { reader, facts, description };
  });
  const comparison = chosen === null ? compareTaps(taps) : compareCoveredTaps(chosen.names, taps);
  return { comparison, problems };
}
