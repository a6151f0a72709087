import type { Direction } from '../records/types.ts';
import type { StreamKey } from '../rtp/plane.ts';
import type { Call } from './call.ts';
import type { MediaPlane } from './call-table.ts';
import { afterGrace, lengthUs, talkTime } from './findings/talk-time.ts';
import type { Thresholds } from './findings/thresholds.ts';
import { flowsIn, sharedNow } from './shared-media.ts';

/** So much longer than what makes a finding at the end of a call: what comes late is not told as missing. */
const PATIENCE_US = 5_000_000;
/** Media that came so lately flows. */
const FLOWING_US = 5_000_000;

/** A call that is up, in which somebody cannot be heard. */
export interface UnheardNow {
  /** The direction that is missing; null where both are. */
  direction: Direction | null;
  /** Since when both sides asked for two-way audio, us. */
  sinceUs: number;
  talkUs: number;
  /** A stream of the other direction; null where there is none. */
  present: StreamKey | null;
}

/**
 * Whether a call that is up lacks a direction of audio that both sides asked for, or both, since its answer: what
 * `one_way_media` and `no_media` will say when it is over, told in time for somebody to call back. Null where nothing is
 * missing, and where that is not known. What was heard once and stopped is not looked at: it may be silence.
 */
export function unheardNow(
  call: Call,
  media: Pick<MediaPlane, 'keyOf' | 'lastUs'>,
  nowUs: number,
  { graceMs, absentMediaMs }: Pick<Thresholds, 'graceMs' | 'absentMediaMs'>,
): UnheardNow | null {
  const { answerUs, endUs, doneUs, shared, images, lacksStreams } = call;
  if (answerUs === null || endUs !== null || doneUs !== null || lacksStreams) return null;
  if (images.length > 0) return null;
  // Cheap questions first: this is asked of every call that is up.
  const wantedUs = absentMediaMs * 1000 + PATIENCE_US;
  if (nowUs - answerUs < graceMs * 1000 + wantedUs) return null;
  const talk = afterGrace(talkTime(call, nowUs), graceMs * 1000);
  const [first, last] = [talk[0], talk.at(-1)];
  if (first === undefined || last === undefined || last.endUs < nowUs || lengthUs(talk) < wantedUs)
    return null;
  const beside = shared === null ? null : sharedNow(call, shared, media);
  // What is not heard may be in what nobody looks at.
  if (beside?.tooMany) return null;
  const all = flowsIn(call, media).concat(beside?.flows ?? []);
  const flows = all.filter(({ endUs: lastUs }) => lastUs > first.startUs);
  const forward = flows.find(({ fromCaller }) => fromCaller);
  const backward = flows.find(({ fromCaller }) => !fromCaller);
  if (forward !== undefined && backward !== undefined) return null;
  const found = { sinceUs: first.startUs, talkUs: lengthUs(talk) };
  if (forward === undefined && backward === undefined) return { direction: null, present: null, ...found };
  const flowing = flows.find(({ endUs: lastUs }) => nowUs - lastUs < FLOWING_US);
  if (flowing === undefined) return null;
  const direction = forward === undefined ? 'callerToCallee' : 'calleeToCaller';
  return { direction, present: flowing.key, ...found };
}
