import type { Direction, StreamRecord } from '../../records/types.ts';
import type { Side } from '../call.ts';
import type { CallCase } from './case.ts';
import { type TalkTime, talkTime } from './talk-time.ts';

/** All that detectors of media know about one call that is over. */
export interface CallFacts extends CallCase {
  readonly talk: TalkTime;
}

/** Puts together what detectors of media look at. */
export function callFacts(found: CallCase): CallFacts {
  return { ...found, talk: talkTime(found.call, found.visibility.nowUs) };
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
