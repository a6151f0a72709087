import type { ReportStream } from '../report/contract.ts';
import type { Loose } from './call-sample.ts';

/**
 * A stream of a call as its line begins: whose it is and when it ended. Nine tenths of a history are streams with their intervals, and
 * of those of calls that are on neither side nobody wants to know more.
 */
export class UnreadStream {
  readonly type = 'stream';
  readonly callId: string;
  readonly endTime: string;
  /** All that the line holds; null where it holds no record. */
  readonly read: () => Loose<ReportStream> | null;

  private constructor(callId: string, endTime: string, read: UnreadStream['read']) {
    this.callId = callId;
    this.endTime = endTime;
    this.read = read;
  }

  /**
   * The stream of a line; null where that has to be read to be known.
   *
   * @param read reads the line
   */
  static of(line: string, read: UnreadStream['read']): UnreadStream | null {
    if (!line.startsWith(BEGINNING) || !line.endsWith('}')) return null;
    const found = HEAD.exec(line);
    return found === null ? null : new UnreadStream(found[1]!, found[2]!, read);
  }
}

const BEGINNING = '{"type":"stream","id":"';

/** Text without escapes; numbers and words; lists of them; objects that hold no other. Whatever else comes first, the line is read. */
const TEXT = String.raw`"[^"\\]*"`;
const VALUE = String.raw`(?:${TEXT}|[\w.+-]+|\[[^[\]{}\\]*\]|\{[^{}\\]*\})`;
/** So far goes what a stream is before its figures begin. */
const HEAD = new RegExp(
  String.raw`^\{"type":"stream","id":${TEXT},"callId":"([^"\\]+)",(?:"(?!(?:type|callId|endTime)")\w+":${VALUE},)*"endTime":"([^"\\]*)",`,
);
