import type { Direction, FindingRecord, StreamRecord } from '../../records/types.ts';
import type { LegFormat, LegMedia } from '../conversations.ts';
import { type CallCase, callFinding } from './case.ts';

/**
 * The legs of one conversation whose codecs or packet times differ: somebody between them transcodes or repacks.
 * Said by the leg that is over last, about each leg before it.
 */
export function transcoding(found: CallCase): FindingRecord[] {
  const { call, streams } = found;
  const { conversation } = call;
  if (conversation === null) return [];
  const own = conversation.legs.find((leg) => leg.callId === call.callId);
  if (own === undefined) return [];
  own.media = {
    callerToCallee: formatOf(streams, 'callerToCallee'),
    calleeToCaller: formatOf(streams, 'calleeToCaller'),
  };
  const findings: FindingRecord[] = [];
  for (const leg of conversation.legs) {
    if (leg === own || leg.media === null || leg.by === 'transfer' || own.by === 'transfer') continue;
    findings.push(...differences(found, own.media, leg.media, leg.callId));
  }
  return findings;
}

function differences(found: CallCase, own: LegMedia, other: LegMedia, otherCallId: string): FindingRecord[] {
  for (const direction of ['callerToCallee', 'calleeToCaller'] as const) {
    const here = own[direction];
    const there = other[direction];
    if (here === null || there === null) continue;
    const evidence = {
      codec: here.codec,
      otherCodec: there.codec,
      ptimeMs: here.ptimeMs,
      otherPtimeMs: there.ptimeMs,
      otherCallId,
    };
    if (here.codec.toUpperCase() !== there.codec.toUpperCase()) {
      const text = `transcoding between two legs of the conversation: ${here.codec} here, ${there.codec} in ${otherCallId}`;
      return [callFinding(found, 'codec_mismatch', 'info', text, evidence, { direction })];
    }
    if (here.ptimeMs !== null && there.ptimeMs !== null && here.ptimeMs !== there.ptimeMs) {
      const text = `two legs of the conversation use different packet times: ${here.ptimeMs} ms here, ${there.ptimeMs} ms in ${otherCallId}`;
      return [callFinding(found, 'ptime_mismatch', 'info', text, evidence, { direction })];
    }
  }
  return [];
}

/** Codec and packet time of the stream that carried most of a direction. */
function formatOf(streams: readonly StreamRecord[], direction: Direction): LegFormat | null {
  let most: StreamRecord | null = null;
  for (const stream of streams) {
    if (stream.direction !== direction || stream.codec === null) continue;
    if (most === null || stream.packets > most.packets) most = stream;
  }
  return most?.codec == null ? null : { codec: most.codec, ptimeMs: most.ptimeMs };
}
