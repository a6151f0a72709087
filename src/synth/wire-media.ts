import { type Codec, findCodec } from './codecs.ts';
import type { ResolvedCall } from './resolve.ts';
import type { Direction, StreamSpec } from './scenario.ts';

/** One stream of a call to be made. */
export interface Lane {
  /** Names its random sources: the way of the call's own two streams. */
  name: string;
  way: Direction;
  spec: StreamSpec;
}

/** What a stream really carries, whatever was negotiated. */
export interface WireMedia {
  codec: Codec;
  payloadType: number;
  ptimeMs: number;
  /** Timestamp ticks per second. */
  clockRate: number;
}

/** The media of a stream at its start. */
export function wireMedia(call: ResolvedCall, spec: StreamSpec): WireMedia {
  const codec = spec.codec === undefined ? call.codec : findCodec(spec.codec)!;
  return {
    codec,
    payloadType: spec.payloadType ?? codec.payloadType,
    ptimeMs: spec.ptimeMs ?? call.ptimeMs,
    clockRate: spec.clockRate ?? codec.clockRate,
  };
}

/** The call's own streams, then the extra ones. */
export function lanesOf(call: ResolvedCall): Lane[] {
  const lanes: Lane[] = [];
  for (const way of ['callerToCallee', 'calleeToCaller'] as const) {
    const spec = call[way];
    if (spec !== null) lanes.push({ name: way, way, spec });
  }
  call.extraStreams.forEach(({ way, ...spec }, i) => {
    lanes.push({ name: `extra${i}`, way, spec });
  });
  return lanes;
}
