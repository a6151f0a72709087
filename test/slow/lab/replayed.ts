import type { CallRecord, FindingRecord, StreamRecord } from '../../../src/records/types.ts';
import { earshot } from '../../cli/earshot.ts';

/** What the program says of a capture. Times are text in it, so those of the records are left out. */
export interface Replayed {
  calls: Omit<CallRecord, 'startUs' | 'answerUs' | 'endUs'>[];
  streams: Omit<StreamRecord, 'startUs' | 'endUs' | 'intervals'>[];
  findings: Omit<FindingRecord, 'startUs' | 'endUs'>[];
  capture: { mirrorDuplicates: number; trust: { verdict: string } };
}

export function replayed(file: string): Replayed {
  const { code, stdout, stderr } = earshot(['replay', '--json', file]);
  if (code !== 0) throw new Error(`replay ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as Replayed;
}

/** The streams that come from an address. */
export function streamsFrom({ streams }: Replayed, ip: string): Replayed['streams'] {
  return streams.filter((stream) => stream.src.ip === ip);
}

/** The findings that are more than information, as `code direction`, in order and each once. */
export function alarms({ findings }: Replayed): string[] {
  const grave = findings.filter(({ severity }) => severity !== 'info');
  return [...new Set(grave.map(({ code, direction }) => `${code} ${direction ?? ''}`.trim()))].sort();
}

/** All codes found, information as well. */
export function codesOf({ findings }: Replayed): string[] {
  return [...new Set(findings.map(({ code }) => code))].sort();
}
