import { CaptureError } from '../capture/errors.ts';
import type { ReportedCalls } from '../compare/reported-calls.ts';
import { maskReported } from '../privacy/reported.ts';
import { fileName } from './covered-report.ts';
import { type ChosenPseudonyms, privacyOf } from './pseudonym-options.ts';

/**
 * Covers what was read for a comparison, before anything is computed or printed of it: both sides with the same
 * pseudonyms, so that one call is known again on the other side. Names by which calls are looked for stay.
 *
 * @throws {CaptureError} when a report has pseudonyms of another key, or of less than is asked for
 */
export function coverSides(
  chosen: ChosenPseudonyms,
  sides: readonly (readonly ReportedCalls[])[],
): ReportedCalls[][] {
  const files = new FileNames();
  const covers = sides.map((sources) => sources.map((source) => isCovered(chosen, source)));
  // Names first: texts quote them, on either side.
  for (const [side, sources] of sides.entries())
    for (const [at, source] of sources.entries()) if (covers[side]![at] === false) learnCalls(chosen, source);
  return sides.map((sources, side) =>
    sources.map((source, at) => {
      const mask = <T>(value: T): T =>
        covers[side]![at] === true ? value : maskReported(chosen.names, value);
      return coveredSource(source, mask, files);
    }),
  );
}

function coveredSource(source: ReportedCalls, mask: <T>(value: T) => T, files: FileNames): ReportedCalls {
  const { facts } = source;
  return {
    ...source,
    records: (at) => {
      const { call, streams, findings } = source.records(at);
      return { call: mask(call), streams: mask(streams), findings: mask(findings) };
    },
    *loose() {
      for (const stream of source.loose()) yield mask(stream);
    },
    facts: {
      ...facts,
      files: facts.files.map((file) => files.of(file)),
      trust: mask(facts.trust),
      chosen: mask(facts.chosen),
    },
  };
}

function learnCalls({ names }: ChosenPseudonyms, source: ReportedCalls): void {
  for (let at = 0; at < source.names.length; at++) maskReported(names, source.records(at).call);
}

/** Whether a report has these pseudonyms already: then it stays as it is, and its calls are known on the other side. */
function isCovered(chosen: ChosenPseudonyms, { pseudonyms, facts }: ReportedCalls): boolean {
  if (pseudonyms === null) return false;
  const file = facts.files.join(', ');
  const wanted = privacyOf(chosen);
  if (pseudonyms.key === null || pseudonyms.key !== wanted.key) {
    const whose = pseudonyms.key === null ? 'of one run alone' : `of key ${pseudonyms.key}`;
    throw new CaptureError(
      'KEY',
      `${file}: has pseudonyms ${whose} already; leave out --pseudonymise, or give that key`,
    );
  }
  const missing = wanted.pseudonyms.filter((each) => !pseudonyms.of.includes(each));
  if (missing.length === 0) return true;
  throw new CaptureError(
    'KEY',
    `${file}: has no pseudonyms for ${missing.join(' and ')}; leave out "=addresses", or give the capture`,
  );
}

/** Files by their place among all that were given, whichever side they stand on. */
export class FileNames {
  private readonly names = new Map<string, string>();

  of(path: string): string {
    const known = this.names.get(path) ?? fileName(path, this.names.size);
    this.names.set(path, known);
    return known;
  }
}
