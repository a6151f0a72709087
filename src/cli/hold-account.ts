import type { ProbeThen } from './held-history.ts';
import type { HeldDrops } from './held-packets.ts';
import type { ReportedMissing } from './hold-state.ts';

/** A file of packets as it was exported. Times are of its first and last packet; null where it has none. */
export interface ExportedFile {
  path: string;
  bytes: number;
  sha256: string;
  packets: number;
  from: string | null;
  to: string | null;
  /** What a reader of captures has to say against it. */
  problems: string[];
}

/** What lies beside exported files as `hold.json`: what they are, and what is not in them. Times are ISO 8601 UTC. */
export interface HoldAccount {
  schema: 'earshot.hold-export/1';
  tool: { name: string; version: string };
  /** As configured; null where it has no name. */
  probe: string | null;
  host: string;
  hold: {
    name: string;
    reason: string;
    who: string;
    /** When it was made. */
    time: string | null;
    from: string | null;
    /** Null for one that nobody has ended. */
    to: string | null;
    maxBytes: number;
  };
  /** By whom and when, and which part of the hold's time was over by then. */
  exported: { who: string; time: string | null; from: string | null; to: string | null };
  packets: {
    /** What the files have of packets, and what not. */
    contents: string;
    files: ExportedFile[];
    /** With whether the probe ran then, by the history; null where that cannot tell. */
    missing: (ReportedMissing & { probeRan: boolean | null })[];
    missingNotListed: number;
    /** Packets lost before they could be measured or kept, as the files say it. */
    drops: HeldDrops;
  } | null;
  /** Calls that were saved out of what was kept; null where none are. */
  badCalls: { contents: string; files: ExportedFile[]; missing: ReportedMissing[] } | null;
  history: ({ contents: string; path: string; missing: ReportedMissing[] } & ProbeThen) | null;
}
