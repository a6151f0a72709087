import { type Codec, findCodec, silenceDescriptor } from './codecs.ts';
import type { Endpoint, ResolvedCall } from './resolve.ts';
import type { Flow, SdpSpec, Side } from './scenario.ts';

const ANSWERED: Record<Flow, Flow> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
};

/** What the other side says to an offer of this flow. */
export function answeredFlow(offered: Flow): Flow {
  return ANSWERED[offered];
}

/** What varies from one description of a side to the next. */
export interface DescriptionPlan {
  codecs: readonly Codec[];
  flow: Flow;
  /** Grows with every re-offer. */
  version: number;
  /** In place of what the call says. */
  over?: SdpSpec;
  rtpPort?: number;
  /** T.38 in place of audio, or beside it. */
  image?: 'alone' | 'beside' | null;
}

/** A session description (RFC 8866) of one audio or image stream. */
export function sessionDescription(call: ResolvedCall, side: Side, plan: DescriptionPlan): string {
  const endpoint: Endpoint = call[side];
  const spec: SdpSpec = { ...call.sdp[side], ...plan.over };
  const address = spec.address ?? endpoint.ip;
  const family = address.includes(':') ? 'IP6' : 'IP4';
  const port = plan.rtpPort ?? endpoint.rtpPort;
  const head = [
    'v=0',
    `o=${endpoint.user} ${1000 + call.index} ${plan.version} IN ${family} ${address}`,
    's=-',
    `c=IN ${family} ${address}`,
    't=0 0',
  ];
  const audio = plan.image === 'alone' ? [] : audioLines(call, spec, plan, port);
  const image = plan.image == null ? [] : imageLines(plan.image === 'alone' ? port : besidePort(port));
  const body = [...audio, ...image];
  return `${[...head, ...body].join('\r\n')}\r\n`;
}

/** Where T.38 goes that is announced beside audio at `port`. */
export function besidePort(port: number): number {
  return port + 2;
}

function imageLines(port: number): string[] {
  return [`m=image ${port} udptl t38`, 'a=T38FaxVersion:0', 'a=T38MaxBitRate:14400', 'a=sendrecv'];
}

function audioLines(
  call: ResolvedCall,
  spec: SdpSpec,
  { codecs, flow }: DescriptionPlan,
  port: number,
): string[] {
  const eventType = spec.events === undefined ? (call.dtmf?.payloadType ?? 101) : spec.events;
  const noise = comfortNoiseType(call);
  const typeOf = (codec: Codec): number => spec.types?.[codec.name] ?? codec.payloadType;
  const types = [...codecs.map(typeOf), ...noise, ...(eventType === null ? [] : [eventType])];
  const lines = [
    `m=audio ${port} ${spec.profile ?? 'RTP/AVP'} ${types.join(' ')}`,
    ...codecs.flatMap((codec) => formatLines(codec, typeOf(codec))),
    ...noise.map((type) => `a=rtpmap:${type} CN/8000`),
  ];
  if (eventType !== null) {
    lines.push(`a=rtpmap:${eventType} telephone-event/${call.codec.clockRate}`, `a=fmtp:${eventType} 0-15`);
  }
  const ptimeMs = spec.ptimeMs === undefined ? call.ptimeMs : spec.ptimeMs;
  if (ptimeMs !== null) lines.push(`a=ptime:${ptimeMs}`);
  if (spec.maxptimeMs !== undefined) lines.push(`a=maxptime:${spec.maxptimeMs}`);
  // What a side always says of itself gives way to hold.
  lines.push(`a=${flow === 'sendrecv' ? (spec.flow ?? flow) : flow}`);
  if (spec.silenceSuppression === false) lines.push('a=silenceSupp:off - - - -');
  if (spec.crypto) lines.push(`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${'Q'.repeat(40)}`);
  if (spec.fingerprint) lines.push(`a=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}`);
  if (call.rtcp !== null) lines.push(call.rtcp.mux ? 'a=rtcp-mux' : `a=rtcp:${port + 1}`);
  if (call.video) lines.push(...videoLines(port + 2));
  return lines;
}

function videoLines(port: number): string[] {
  const codec = findCodec('H264')!;
  const type = codec.payloadType;
  return [`m=video ${port} RTP/AVP ${type}`, ...formatLines(codec, type), 'a=sendrecv'];
}

function formatLines(codec: Codec, type: number): string[] {
  const map = `a=rtpmap:${type} ${codec.name}/${codec.clockRate}${codec.rtpmapSuffix}`;
  return codec.fmtp === null ? [map] : [map, `a=fmtp:${type} ${codec.fmtp}`];
}

/** The static comfort-noise type when one of the call's streams will send it. */
function comfortNoiseType(call: ResolvedCall): number[] {
  const sent = [call.callerToCallee, call.calleeToCaller].some((stream) => stream?.dtx?.comfortNoise);
  return sent && silenceDescriptor(call.codec)?.payloadType === 13 ? [13] : [];
}
