import type { Scale } from '../../records/types.ts';
import type { ReportInterval, ReportStream } from '../contract.ts';

/** An interval and whose it is, as `live --json` tells it but for what is only known while a stream runs. */
export interface IntervalRow
  extends ReportInterval,
    Pick<ReportStream, 'callId' | 'direction' | 'ssrc' | 'src' | 'dst' | 'codec' | 'vlans'> {
  streamId: string;
  /** Scale of the score; null without one. */
  scale: Scale | null;
}

/** The intervals of a stream as records of their own. */
export function* intervalRows(stream: ReportStream): Generator<IntervalRow> {
  const { id: streamId, callId, direction, ssrc, src, dst, codec, vlans } = stream;
  const scale = stream.quality?.scale ?? null;
  for (const interval of stream.intervals)
    yield { streamId, callId, direction, ssrc, src, dst, codec, vlans, ...interval, scale };
}
