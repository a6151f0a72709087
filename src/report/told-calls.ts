/** Streams and findings that wait for their call, which follows them at once. */
export const TOLD_WAITING_MAX = 4096;

interface OfCall {
  callId?: string | null;
}

/**
 * Puts calls together from what a live probe tells: the streams and findings of a call stand before it, with neither a
 * status nor a start between them.
 */
export class ToldCalls<Stream extends OfCall, Finding extends OfCall> {
  private streams: Stream[] = [];
  private findings: Finding[] = [];

  stream(stream: Stream): void {
    wait(this.streams, stream);
  }

  finding(finding: Finding): void {
    wait(this.findings, finding);
  }

  /** A status or a start came: what waited is of a call that was not told. */
  forget(): void {
    this.streams = [];
    this.findings = [];
  }

  /** What was told of a call, when the call itself is. */
  of(callId: string): { streams: Stream[]; findings: Finding[] } {
    const isIts = (each: OfCall): boolean => each.callId === callId;
    const [streams, findings] = [this.streams.filter(isIts), this.findings.filter(isIts)];
    this.streams = this.streams.filter((each) => !isIts(each));
    this.findings = this.findings.filter((each) => !isIts(each));
    return { streams, findings };
  }
}

function wait<Record extends OfCall>(waiting: Record[], record: Record): void {
  if ((record.callId ?? null) !== null && waiting.length < TOLD_WAITING_MAX) waiting.push(record);
}
