import { formatAddress, parseAddress, toIpv6 } from './address.ts';
import { fail } from './checks.ts';
import { type Codec, findCodec, silenceDescriptor } from './codecs.ts';
import type { IcmpSpec } from './icmp-spec.ts';
import { type Random, randomFor } from './random.ts';
import type {
  CallSpec,
  Direction,
  EndpointSpec,
  Outcome,
  ReinviteSpec,
  RtcpSpec,
  Scenario,
  SdpSpec,
  Side,
  StreamSpec,
  Transport,
} from './scenario.ts';
import type { SignallingSpec } from './signalling-spec.ts';
import type { T38Spec } from './t38-spec.ts';

/** One end of a call with nothing left open. */
export interface Endpoint {
  user: string;
  domain: string;
  /** As it stands in the endpoint's own SIP and SDP. */
  ip: string;
  sipPort: number;
  rtpPort: number;
  /** As the tap sees it: differs from the above behind NAT. */
  wireIp: Uint8Array;
  wireRtpPort: number;
}

/** A call with every default filled in and every delay turned into a time. Times in ms of the scenario. */
export interface ResolvedCall {
  index: number;
  callId: string;
  outcome: Outcome;
  /** Final response to the INVITE; null when there is none. */
  finalCode: number | null;
  releasedBy: Side;
  transport: Transport;
  tlsVersion: '1.2' | '1.3';
  caller: Endpoint;
  callee: Endpoint;
  codec: Codec;
  offer: Codec[];
  ptimeMs: number;
  lateSdp: boolean;
  earlyMedia: boolean;
  inviteMs: number;
  ringingMs: number;
  /** The 200, or whatever final response comes after the ringing. */
  answerMs: number;
  byeMs: number;
  /** What stream offsets count from. */
  mediaMs: number;
  hold: { startMs: number; endMs: number; by: Side } | null;
  signalling: SignallingSpec;
  rtcp: Required<RtcpSpec> | null;
  dtmf: {
    atMs: number;
    digits: string;
    payloadType: number;
    toneMs: number;
    gapMs: number;
    from: Side;
  } | null;
  infoDigits: { atMs: number; digits: string; from: Side; answer: number } | null;
  sdp: Record<Side, SdpSpec>;
  video: boolean;
  /** By time, counted from the answer. */
  reinvites: (ReinviteSpec & { by: Side })[];
  callerToCallee: StreamSpec | null;
  calleeToCaller: StreamSpec | null;
  extraStreams: ({ way: Direction } & StreamSpec)[];
  icmp: IcmpSpec[];
  t38: Record<Direction, T38Spec | null>;
}

const FINAL_CODES: Record<Outcome, number | null> = {
  answered: 200,
  open: 200,
  busy: 486,
  not_found: 404,
  no_answer: 480,
  canceled: 487,
  unreachable: null,
  ringing: null,
  none: null,
  midcall: null,
};

/** RFC 3261 19.1.2, RFC 7118 5.4. */
const SIP_PORTS: Record<Transport, number> = { udp: 5060, tcp: 5060, tls: 5061, ws: 80, wss: 443 };

/** A random source for one purpose within one call. */
export function callRandom(scenario: Scenario, call: { index: number }, purpose: string): Random {
  return randomFor(scenario.seed ?? 1, 'call', call.index, purpose);
}

/** True when the INVITE is followed by a 200 in the capture. */
export function isAnswered(outcome: Outcome): boolean {
  return outcome === 'answered' || outcome === 'open';
}

/** Fills in the defaults of call number `index`; throws `ScenarioError` for fields that contradict each other. */
export function resolveCall(scenario: Scenario, spec: CallSpec, index: number): ResolvedCall {
  const path = `calls[${index}]`;
  const outcome = spec.outcome ?? 'answered';
  const [toRinging, toAnswer] =
    typeof spec.ringMs === 'number' ? [spec.ringMs, spec.ringMs] : (spec.ringMs ?? [180, 1500]);
  const inviteMs = spec.startMs ?? index * 500;
  const ringingMs = inviteMs + toRinging;
  const answerMs = ringingMs + toAnswer;
  const withoutSetup = outcome === 'none' || outcome === 'midcall';
  const mediaMs = withoutSetup ? inviteMs : isAnswered(outcome) ? answerMs : ringingMs;
  const byeMs = mediaMs + (spec.durationMs ?? 10_000);
  const codec = findCodec(spec.codec ?? 'PCMU')!;
  const ptimeMs = spec.ptimeMs ?? (codec.frameMs === 30 ? 30 : 20);
  checkPtime(codec, ptimeMs, `${path}.ptimeMs`);
  const caller = endpoint(scenario, spec.caller, 'caller', index, spec.transport ?? 'udp');
  const callee = endpoint(scenario, spec.callee, 'callee', index, spec.transport ?? 'udp');
  if (spec.natCaller) {
    caller.wireIp = wireAddress(scenario, spec.natCaller.ip);
    caller.wireRtpPort = spec.natCaller.port;
  }
  if (caller.wireIp.length !== callee.wireIp.length)
    fail(`${path}.callee.ip`, 'is not of the same IP version as the caller');
  for (const way of ['callerToCallee', 'calleeToCaller'] as const) {
    if (spec[way]?.dtx?.comfortNoise && silenceDescriptor(codec) === null) {
      fail(`${path}.${way}.dtx.comfortNoise`, `is not known for ${codec.name}`);
    }
  }
  const { onlyFrom } = spec.signalling ?? {};
  const unseen: Side | null = onlyFrom === undefined ? null : onlyFrom === 'caller' ? 'callee' : 'caller';
  const mediaByDefault = withoutSetup || isAnswered(outcome) ? {} : null;
  return {
    index,
    outcome,
    transport: spec.transport ?? 'udp',
    tlsVersion: spec.tlsVersion ?? '1.3',
    caller,
    callee,
    codec,
    ptimeMs,
    callId: spec.callId ?? `${callRandom(scenario, { index }, 'call-id').hex(24)}@${caller.domain}`,
    finalCode: isAnswered(outcome)
      ? 200
      : FINAL_CODES[outcome] === null
        ? null
        : (spec.finalCode ?? FINAL_CODES[outcome]),
    releasedBy: spec.releasedBy ?? 'caller',
    offer: offered(spec.offer, codec),
    lateSdp: spec.lateSdp ?? false,
    earlyMedia: spec.earlyMedia ?? false,
    inviteMs,
    ringingMs,
    answerMs,
    byeMs,
    mediaMs,
    hold: hold(spec, mediaMs, byeMs, path),
    signalling: signalling(spec, path),
    rtcp: spec.rtcp
      ? {
          intervalMs: 5000,
          tapToCallerMs: 0,
          tapToCalleeMs: 0,
          mux: false,
          xr: [],
          heardOnly: false,
          ...spec.rtcp,
        }
      : null,
    dtmf: dtmf(spec, ptimeMs, path),
    infoDigits: spec.infoDigits === undefined ? null : { from: 'caller', answer: 200, ...spec.infoDigits },
    video: spec.video ?? false,
    sdp: { caller: spec.sdp?.caller ?? {}, callee: spec.sdp?.callee ?? {} },
    reinvites: (spec.reinvites ?? [])
      .map((reinvite) => ({ by: 'caller' as const, ...reinvite }))
      .sort((a, b) => a.atMs - b.atMs),
    extraStreams: spec.extraStreams ?? [],
    icmp: spec.icmp ?? [],
    t38: {
      callerToCallee: spec.t38?.callerToCallee ?? null,
      calleeToCaller: spec.t38?.calleeToCaller ?? null,
    },
    callerToCallee: unseen === 'caller' ? null : given(spec.callerToCallee, mediaByDefault),
    calleeToCaller: unseen === 'callee' ? null : given(spec.calleeToCaller, mediaByDefault),
  };
}

function given(spec: StreamSpec | null | undefined, otherwise: StreamSpec | null): StreamSpec | null {
  return spec === undefined ? otherwise : spec;
}

/** Some of what signalling can do is known for UDP only, and what comes after the answer needs one. */
function signalling(spec: CallSpec, path: string): SignallingSpec {
  const plan = spec.signalling ?? {};
  const { proxy, loops, mirrored, foreignBye } = plan;
  const needsUdp =
    proxy !== undefined || loops !== undefined || mirrored === true || foreignBye !== undefined;
  if (needsUdp && spec.transport === 'tcp')
    fail(`${path}.transport`, 'must be udp for a proxy, loops, a mirror or a foreign BYE');
  return plan;
}

function checkPtime(codec: Codec, ptimeMs: number, path: string): void {
  const frames = ptimeMs / codec.frameMs;
  const ticks = (ptimeMs * codec.clockRate) / 1000;
  if (!Number.isInteger(frames) || !Number.isInteger(ticks)) {
    fail(path, `must be a multiple of ${codec.frameMs} ms for ${codec.name}, got ${ptimeMs}`);
  }
  if (codec.octets(ptimeMs) > 1400)
    fail(path, `gives ${codec.octets(ptimeMs)} octets of ${codec.name}, at most 1400 fit`);
}

/** The codec sent stands first unless the offer says where. */
function offered(names: string[] | undefined, codec: Codec): Codec[] {
  const codecs = (names ?? [codec.name, 'PCMU', 'PCMA']).map((name) => findCodec(name)!);
  return [...new Set(codecs.includes(codec) ? codecs : [codec, ...codecs])];
}

/** IPv4 addresses of the scenario are mapped when it asks for IPv6. */
export function wireAddress(scenario: Scenario, text: string): Uint8Array {
  const octets = parseAddress(text)!;
  return scenario.ipv6 && octets.length === 4 ? toIpv6(octets) : octets;
}

function endpoint(
  scenario: Scenario,
  spec: EndpointSpec | undefined,
  side: Side,
  index: number,
  transport: Transport,
): Endpoint {
  const network = side === 'caller' ? '192.0.2' : '203.0.113';
  const wireIp = wireAddress(scenario, spec?.ip ?? `${network}.${10 + (index % 200)}`);
  const rtpPort = spec?.rtpPort ?? (side === 'caller' ? 16384 : 32768) + ((index * 4) % 16000);
  const number = (side === 'caller' ? 0 : 50) + (index % 50);
  return {
    user: spec?.user ?? `55501${String(number).padStart(2, '0')}`,
    domain: spec?.domain ?? 'example.com',
    ip: formatAddress(wireIp),
    sipPort: spec?.sipPort ?? SIP_PORTS[transport],
    rtpPort,
    wireIp,
    wireRtpPort: rtpPort,
  };
}

function hold(spec: CallSpec, mediaMs: number, byeMs: number, path: string): ResolvedCall['hold'] {
  if (spec.hold === undefined) return null;
  const startMs = mediaMs + spec.hold.atMs;
  const endMs = startMs + spec.hold.durationMs;
  if (endMs >= byeMs) fail(`${path}.hold.durationMs`, 'reaches beyond the end of the call');
  return { startMs, endMs, by: spec.hold.by ?? 'caller' };
}

function dtmf(spec: CallSpec, ptimeMs: number, path: string): ResolvedCall['dtmf'] {
  if (spec.dtmf === undefined) return null;
  const full = { payloadType: 101, toneMs: 100, gapMs: 100, from: 'caller' as const, ...spec.dtmf };
  // The end packet is sent three times, one packet time apart, and audio shall be heard between two digits.
  if (full.gapMs < 3 * ptimeMs)
    fail(`${path}.dtmf.gapMs`, `must be at least three packets (${3 * ptimeMs} ms), got ${full.gapMs}`);
  return full;
}
