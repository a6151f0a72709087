import type { OngoingRecord } from '../records/ongoing-record.ts';
import { leavesOutSilence } from '../records/stream-history.ts';
import type { Direction } from '../records/types.ts';
import type { StreamKey } from '../rtp/plane.ts';
import type { Call, EndedStream } from './call.ts';
import type { MediaPlane } from './call-table.ts';
import { afterGrace, lengthUs, overlapUs, talkTime } from './findings/talk-time.ts';
import type { Thresholds } from './findings/thresholds.ts';
import { flowsIn, sharedNow } from './shared-media.ts';

/** So much longer than what makes a finding at the end of a call: what comes late is not told as missing. */
const PATIENCE_US = 5_000_000;
/** Who talked for so long without a pause sends in silence, too. */
const UNBROKEN_US = 30_000_000;
/** Media that came so lately flows. */
const FLOWING_US = 5_000_000;

/** A call that is up, in which somebody cannot be heard. */
export interface UnheardNow {
  /** What the finding of it will be when the call is over. */
  code: OngoingRecord['code'];
  /** The direction that is missing; null where both are. */
  direction: Direction | null;
  /** Since when both sides asked for two-way audio, or its last packet, us. */
  sinceUs: number;
  /** How long it should have been heard since then, us. */
  talkUs: number;
  /** A stream of the other direction; null where there is none. */
  present: StreamKey | null;
}

/** What is asked of the streams of calls. */
type Media = Pick<MediaPlane, 'keyOf' | 'lastUs' | 'unbrokenUs'>;
type Limits = Pick<Thresholds, 'graceMs' | 'absentMediaMs' | 'stoppedMs' | 'stoppedWithDtxMs'>;

/**
 * Whether a call that is up lacks a direction of audio that both sides asked for, or both, since its answer, or since it
 * stopped: what `one_way_media`, `no_media` and `media_stopped` will say when it is over, told in time for somebody to call
 * back. Null where nothing is missing, and where that is not known.
 */
export function unheardNow(call: Call, media: Media, nowUs: number, limits: Limits): UnheardNow | null {
  const { graceMs, absentMediaMs } = limits;
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
  const due = { sinceUs: first.startUs, talkUs: lengthUs(talk) };
  if (flows.length === 0) return { code: 'no_media', direction: null, present: null, ...due };
  // Where nothing flows any more, the call may be over without a word, or the tap blind: that is not told.
  const flowing = flows.find(({ endUs: lastUs }) => nowUs - lastUs < FLOWING_US);
  if (flowing === undefined) return null;
  const direction = flowing.fromCaller ? 'calleeToCaller' : 'callerToCallee';
  const found = { direction, present: flowing.key } as const;
  const other = flows.filter(({ fromCaller }) => fromCaller !== flowing.fromCaller);
  if (other.length === 0) return { code: 'one_way_media', ...found, ...due };
  const sinceUs = Math.max(...other.map(({ endUs: lastUs }) => lastUs));
  const talkUs = overlapUs(talk, sinceUs, nowUs);
  if (talkUs < allowedSilenceUs(call, direction, media, limits)) return null;
  return { code: 'media_stopped', ...found, sinceUs, talkUs };
}

/**
 * How long a direction may lack packets before that is told, us: longer where its sender leaves out silence, and where
 * nothing has shown yet that it does not. Whether the streams of other calls do is not asked.
 */
function allowedSilenceUs(
  { bound, ended, shared }: Call,
  direction: Direction,
  media: Media,
  { stoppedMs, stoppedWithDtxMs }: Limits,
): number {
  const isOwn = ({ fromCaller }: { fromCaller: boolean }): boolean =>
    fromCaller === (direction === 'callerToCallee');
  const isUnbroken =
    shared === null &&
    (bound.some((stream) => isOwn(stream) && media.unbrokenUs(stream.slot) >= UNBROKEN_US) ||
      ended.some((stream) => isOwn(stream) && unbrokenUs(stream) >= UNBROKEN_US));
  return (isUnbroken ? stoppedMs : stoppedWithDtxMs) * 1000 + PATIENCE_US;
}

function unbrokenUs({ measurement: { silencePackets, history, startUs, endUs } }: EndedStream): number {
  return leavesOutSilence(silencePackets, history) ? 0 : endUs - startUs;
}
