import type { Across } from '../across/across.ts';
import type { Call } from '../calls/call.ts';
import { endsOf } from '../calls/findings/call-facts.ts';
import { secondsText } from '../calls/findings/finding.ts';
import { audioWordsAt } from '../calls/findings/talk-time.ts';
import type { SignallingOptions } from '../calls/options.ts';
import { type UnheardNow, unheardNow } from '../calls/unheard-now.ts';
import type { OngoingRecord } from '../records/ongoing-record.ts';
import type { RecordSink } from '../records/types.ts';
import type { RtcpPlane } from '../rtcp/plane.ts';
import type { RtpPlane } from '../rtp/plane.ts';
import { callSignalling } from './call-signalling.ts';
import { unseenOf } from './unseen.ts';

/** Calls are looked at so often. */
const EVERY_US = 5_000_000;

/** What is looked at. */
export interface OngoingParts {
  calls: { all(): Iterable<Call> };
  rtp: RtpPlane;
  rtcp: RtcpPlane;
  across: Across;
  judging: Pick<SignallingOptions, 'thresholds'>;
  interfaces: readonly (string | null)[];
}

/** Looks at calls while they are up, where somebody wants to know; null where nobody does. */
export function ongoingCalls(sink: RecordSink, parts: OngoingParts): OngoingCalls | null {
  if (sink.ongoing === undefined) return null;
  return new OngoingCalls(parts, (record) => sink.ongoing?.(record));
}

/** Tells of calls that are up what cannot wait until they are over: that somebody is not heard. Each call once. */
export class OngoingCalls {
  private readonly parts: OngoingParts;
  private readonly tell: (record: OngoingRecord) => void;
  private readonly told = new WeakSet<Call>();
  private nextUs = Number.NEGATIVE_INFINITY;

  constructor(parts: OngoingParts, tell: (record: OngoingRecord) => void) {
    this.parts = parts;
    this.tell = tell;
  }

  /** Capture time moves on. Nothing is told before the capture has shown any media. */
  sweep(nowUs: number, mediaSeen: boolean): void {
    if (!mediaSeen || (nowUs < this.nextUs && nowUs > this.nextUs - 2 * EVERY_US)) return;
    this.nextUs = nowUs + EVERY_US;
    const { calls, rtp, judging } = this.parts;
    for (const call of calls.all()) {
      if (this.told.has(call)) continue;
      const unheard = unheardNow(call, rtp, nowUs, judging.thresholds);
      if (unheard === null || this.isUnseen(call, unheard, nowUs)) continue;
      this.told.add(call);
      this.tell(this.recordOf(call, unheard, nowUs));
    }
  }

  /** Whether the tap may not see what is missing, by the call itself and by what it has seen so far. */
  private isUnseen(call: Call, { direction, present }: UnheardNow, nowUs: number): boolean {
    const { across, rtcp } = this.parts;
    if (direction !== null && present !== null) {
      const way = { direction, src: present.dst, dst: present.src };
      return unseenOf(call, [{ key: present }], way, rtcp) !== null || across.view.isBlind(way.src, way.dst);
    }
    const [caller, callee] = [audioWordsAt(call, 'caller', nowUs), audioWordsAt(call, 'callee', nowUs)];
    return caller === null || callee === null || across.view.isBlindBetween(caller, callee);
  }

  private recordOf(call: Call, unheard: UnheardNow, nowUs: number): OngoingRecord {
    const { code, direction, sinceUs } = unheard;
    const signalling = callSignalling(call);
    signalling.interface = this.parts.interfaces[call.sip.input] ?? null;
    return {
      code,
      severity: 'critical',
      callId: call.callId,
      direction,
      from: call.from,
      to: call.to,
      startUs: sinceUs,
      timeUs: nowUs,
      text: `the call is up, and ${wordsOf(unheard)}`,
      emergency: signalling.emergency !== null,
      signalling,
    };
  }
}

function wordsOf({ code, direction, talkUs }: UnheardNow): string {
  const seconds = secondsText(talkUs / 1000);
  if (direction === null) return `no audio came either way in ${seconds} s`;
  const { sender, receiver } = endsOf(direction);
  const what =
    code === 'media_stopped'
      ? `audio from ${sender} to ${receiver} stopped ${seconds} s ago`
      : `no audio came from ${sender} to ${receiver} in ${seconds} s`;
  return `${what}, while it goes the other way`;
}
