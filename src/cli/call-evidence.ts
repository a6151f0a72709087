import type { FinderOptions } from '../evidence/finder.ts';
import type { CallEvidence } from '../report/call-view.ts';
import type { Report } from '../report/report.ts';
import { canReadAgain, findEvidence, READ_ONCE } from './html-evidence.ts';

/**
 * What a call view shows beside the records: it takes a second look at the captures. A module of its own, because a
 * replay without `--call` should not wait for it. Throws `CaptureError`.
 */
export function callEvidence(files: readonly string[], report: Report, opening: FinderOptions): CallEvidence {
  return { evidence: canReadAgain(files) ? findEvidence(files, report, opening) : null, note: READ_ONCE };
}
