import type { FinderOptions } from '../evidence/finder.ts';
import type { RecordSink } from '../records/types.ts';
import type { Evidence } from '../report/html/evidence-contract.ts';
import { htmlChunks } from '../report/html/html-report.ts';
import { StreamMoments } from '../report/html/stream-moments.ts';
import type { Report } from '../report/report.ts';
import { canReadAgain, findEvidence, READ_ONCE } from './html-evidence.ts';
import { ReportFile } from './html-output.ts';

/** The HTML report of one replay: what it needs before, and what it writes after. */
export class HtmlRun {
  readonly path: string;
  private readonly file: ReportFile;
  private readonly moments = new StreamMoments();

  /** Throws `ReportFileError` when there is no writing to the path. */
  constructor(path: string) {
    this.path = path;
    this.file = new ReportFile(path);
  }

  /** A sink that notes what the report shows beside the records. */
  sink(next: RecordSink): RecordSink {
    return this.moments.sink(next);
  }

  /** Reads the captures again, where that can be. Throws `CaptureError`. */
  look(files: readonly string[], report: Report, options: FinderOptions): Evidence | null {
    return canReadAgain(files) ? findEvidence(files, report, options) : null;
  }

  /** Writes the report. Throws `ReportFileError`. */
  write(report: Report, evidence: Evidence | null): void {
    const source = {
      ...{ report, evidence, evidenceNote: READ_ONCE },
      momentsOf: (stream: string) => this.moments.of(stream),
    };
    for (const chunk of htmlChunks(source)) this.file.write(chunk);
    this.file.finish();
  }

  /** Leaves no half of a report behind. */
  discard(): void {
    this.file.discard();
  }
}
