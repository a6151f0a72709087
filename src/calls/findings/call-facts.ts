import type { CallRecord, Direction, StreamRecord } from '../../records/types.ts';
import type { Call, Side } from '../call.ts';
import { type TalkTime, talkTime } from './talk-time.ts';
import type { Thresholds } from './thresholds.ts';

/** What the capture as a whole allows to be said. */
export interface Visibility {
  /** End of the capture, or capture time now. */
  nowUs: number;
  /** Some RTP was seen: its absence elsewhere means something. */
  mediaSeen: boolean;
}

/** All that detectors know about one call that is over. */
export interface CallFacts {
  call: Call;
  record: CallRecord;
  streams: readonly StreamRecord[];
  visibility: Visibility;
  limits: Thresholds;
  talk: TalkTime;
}

/** Puts together what detectors look at. */
export function callFacts(
  call: Call,
  record: CallRecord,
  streams: readonly StreamRecord[],
  visibility: Visibility,
  limits: Thresholds,
): CallFacts {
  return { call, record, streams, visibility, limits, talk: talkTime(call, visibility.nowUs) };
}

export const DIRECTIONS: readonly Direction[] = ['callerToCallee', 'calleeToCaller'];

/** Who sends in a direction, and who receives. */
export function endsOf(direction: Direction): { sender: Side; receiver: Side } {
  return direction === 'callerToCallee'
    ? { sender: 'caller', receiver: 'callee' }
    : { sender: 'callee', receiver: 'caller' };
}

export function opposite(direction: Direction): Direction {
  return direction === 'callerToCallee' ? 'calleeToCaller' : 'callerToCallee';
}

/** Not audio: video, text, application media. */
export function isAudio(stream: StreamRecord): boolean {
  return stream.quality !== null || stream.noScore !== null;
}

/** The audio streams of one direction, by first packet. */
export function audioOf(facts: CallFacts, direction: Direction): StreamRecord[] {
  return facts.streams.filter((stream) => stream.direction === direction && isAudio(stream));
}
