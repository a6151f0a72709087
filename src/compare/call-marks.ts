import type { ReportCall, ReportStream } from '../report/contract.ts';
import { microsOf } from '../report/iso-time.ts';
import { neutralised } from '../report/wire-text.ts';
import type { Loose } from './call-sample.ts';

/** Characters of a name that groups of calls go by. */
const NAME_MAX = 64;

/** What calls are put into groups by; texts are safe to show. */
export interface CallMarks {
  startUs: number | null;
  site: string | null;
  trunk: string | null;
  direction: string | null;
  /** Families of the devices. */
  callerDevice: string | null;
  calleeDevice: string | null;
  /** Addresses that the first INVITE passed between; those of the media where there was no signalling. */
  source: string | null;
  destination: string | null;
}

/** What a call says of itself. */
export function marksOfCall(call: Loose<ReportCall>): CallMarks {
  const { userAgents, hosts } = call.signalling ?? {};
  return {
    startUs: timeOf(call.startTime),
    site: name(call.site),
    trunk: name(call.trunk),
    direction: name(call.direction),
    callerDevice: familyOf(userAgents?.caller),
    calleeDevice: familyOf(userAgents?.callee),
    source: name(hosts?.source),
    destination: name(hosts?.destination),
  };
}

/** What streams between two endpoints say of themselves. */
export function marksOfStreams(streams: readonly Loose<ReportStream>[]): CallMarks {
  const [first] = streams;
  return {
    startUs: timeOf(first?.startTime),
    site: name(first?.site),
    trunk: name(first?.trunk),
    direction: null,
    ...{ callerDevice: null, calleeDevice: null },
    source: name(first?.src?.ip),
    destination: name(first?.dst?.ip),
  };
}

/**
 * A User-Agent without its version and all that follows: `Yealink SIP-T46S 66.85.0.5` and `... 66.86.0.15` are one
 * family, or a new firmware would be on one side of a comparison only.
 */
export function deviceFamily(agent: string): string {
  const family = agent.replace(/[\s/_(-]+[vVrR]?\d+(?:\.\d+)+.*$/, '').trim();
  return family === '' ? agent : family;
}

/** Microseconds since the epoch of a time as records have it; null for anything else. */
export function timeOf(value: unknown): number | null {
  return typeof value === 'string' ? microsOf(value) : null;
}

function name(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? neutralised(value.slice(0, NAME_MAX)) : null;
}

function familyOf(agent: unknown): string | null {
  const text = name(agent);
  return text === null ? null : deviceFamily(text);
}
