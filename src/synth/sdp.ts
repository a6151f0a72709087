import { type Codec, silenceDescriptor } from './codecs.ts';
import type { Endpoint, ResolvedCall } from './resolve.ts';

/** What a session description says about the flow of media, from its sender's view (RFC 3264 5.1). */
export type Flow = 'sendrecv' | 'sendonly' | 'recvonly';

/** A session description (RFC 8866) of one audio stream. `version` grows with every re-offer. */
export function sessionDescription(
  call: ResolvedCall,
  endpoint: Endpoint,
  codecs: readonly Codec[],
  flow: Flow,
  version: number,
): string {
  const family = endpoint.ip.includes(':') ? 'IP6' : 'IP4';
  const session = 1000 + call.index;
  const eventType = call.dtmf?.payloadType ?? 101;
  const eventClock = call.codec.clockRate;
  const noise = comfortNoiseType(call);
  const types = [...codecs.map((c) => c.payloadType), ...noise, eventType];
  const lines = [
    'v=0',
    `o=${endpoint.user} ${session} ${version} IN ${family} ${endpoint.ip}`,
    's=-',
    `c=IN ${family} ${endpoint.ip}`,
    't=0 0',
    `m=audio ${endpoint.rtpPort} RTP/AVP ${types.join(' ')}`,
    ...codecs.flatMap(formatLines),
    ...noise.map((type) => `a=rtpmap:${type} CN/8000`),
    `a=rtpmap:${eventType} telephone-event/${eventClock}`,
    `a=fmtp:${eventType} 0-15`,
    `a=ptime:${call.ptimeMs}`,
    `a=${flow}`,
  ];
  if (call.rtcp !== null) lines.push(call.rtcp.mux ? 'a=rtcp-mux' : `a=rtcp:${endpoint.rtpPort + 1}`);
  return `${lines.join('\r\n')}\r\n`;
}

function formatLines(codec: Codec): string[] {
  const map = `a=rtpmap:${codec.payloadType} ${codec.name}/${codec.clockRate}${codec.rtpmapSuffix}`;
  return codec.fmtp === null ? [map] : [map, `a=fmtp:${codec.payloadType} ${codec.fmtp}`];
}

/** The static comfort-noise type when one of the call's streams will send it. */
function comfortNoiseType(call: ResolvedCall): number[] {
  const sent = [call.callerToCallee, call.calleeToCaller].some((stream) => stream?.dtx?.comfortNoise);
  return sent && silenceDescriptor(call.codec)?.payloadType === 13 ? [13] : [];
}
