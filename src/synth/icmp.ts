import { ipFrame, onesSum, type Route, transportChecksum } from './frame.ts';
import type { IcmpSpec } from './icmp-spec.ts';
import { callRandom, type ResolvedCall, wireAddress } from './resolve.ts';
import type { Scenario, Side } from './scenario.ts';

/** A packet of the call that may be sent back. */
export interface Returnable {
  timeNs: number;
  bytes: Uint8Array;
  kind: string;
  from?: Side;
}

type Reason = NonNullable<IcmpSpec['reason']>;

/** Type and code (RFC 792, RFC 4443). */
const TYPES: Record<4 | 6, Record<Reason, readonly [type: number, code: number]>> = {
  4: {
    network: [3, 0],
    host: [3, 1],
    port: [3, 3],
    too_big: [3, 4],
    prohibited: [3, 13],
    time_exceeded: [11, 0],
  },
  6: {
    network: [1, 0],
    prohibited: [1, 1],
    host: [1, 3],
    port: [1, 4],
    too_big: [2, 0],
    time_exceeded: [3, 0],
  },
};
const ICMP = 1;
const ICMPV6 = 58;
/** From a packet to the error about it. */
const ANSWER_NS = 1e6;

/** The errors about a call's packets, in order of time. */
export function icmpErrors(
  scenario: Scenario,
  call: ResolvedCall,
  packets: readonly Returnable[],
): { timeNs: number; bytes: Uint8Array }[] {
  return call.icmp.flatMap((spec, i) => {
    const ident = callRandom(scenario, call, `icmp${i}`).int(65536);
    const refused = limited(spec, refusable(call, spec, packets));
    return refused.map(({ timeNs, bytes }, k) => ({
      timeNs: timeNs + ANSWER_NS,
      bytes: errorAbout(scenario, call, spec, bytes, (ident + k) & 0xffff),
    }));
  });
}

function refusable(call: ResolvedCall, spec: IcmpSpec, packets: readonly Returnable[]): Returnable[] {
  const { what = 'rtp', way, fromMs = 0, untilMs = Number.POSITIVE_INFINITY } = spec;
  const side: Side = way === 'callerToCallee' ? 'caller' : 'callee';
  const zeroMs = what === 'sip' ? call.inviteMs : call.mediaMs;
  return packets
    .filter(({ kind, from, timeNs }) => {
      const atMs = timeNs / 1e6 - zeroMs;
      return kind === what && from === side && atMs >= fromMs && atMs < untilMs;
    })
    .sort((a, b) => a.timeNs - b.timeNs);
}

/** Those that a token bucket lets through. */
function limited({ burst = 6, perSecond = 1 }: IcmpSpec, packets: readonly Returnable[]): Returnable[] {
  let tokens = burst;
  let sinceNs = packets[0]?.timeNs ?? 0;
  return packets.filter(({ timeNs }) => {
    tokens = Math.min(burst, tokens + ((timeNs - sinceNs) / 1e9) * perSecond);
    sinceNs = timeNs;
    if (tokens < 1) return false;
    tokens--;
    return true;
  });
}

function errorAbout(
  scenario: Scenario,
  call: ResolvedCall,
  spec: IcmpSpec,
  frame: Uint8Array,
  ident: number,
): Uint8Array {
  const { way, reason = 'port', router, quoteOctets = 528, port } = spec;
  const [sender, receiver] =
    way === 'callerToCallee' ? [call.caller, call.callee] : [call.callee, call.caller];
  const link = 14 + 4 * (scenario.vlans?.length ?? 0);
  const version = frame[link]! >> 4 === 6 ? 6 : 4;
  const header = version === 6 ? 40 : 20;
  const quote = frame.slice(link, Math.min(frame.length, link + header + quoteOctets));
  if (port !== undefined) new DataView(quote.buffer).setUint16(header + 2, port);
  const route: Route = {
    src: router === undefined ? receiver.wireIp : wireAddress(scenario, router),
    dst: sender.wireIp,
    dscp: 0,
    ttl: 60,
    vlans: scenario.vlans ?? [],
  };
  const [type, code] = TYPES[version][reason];
  return icmpFrame(route, type, code, quote, ident);
}

/** An Ethernet frame with an ICMP or ICMPv6 error; an MTU of 1280 where one belongs. */
export function icmpFrame(
  route: Route,
  type: number,
  code: number,
  quote: Uint8Array,
  ident: number,
): Uint8Array {
  const isIpv6 = route.src.length === 16;
  const message = new Uint8Array(8 + quote.length);
  const view = new DataView(message.buffer);
  view.setUint8(0, type);
  view.setUint8(1, code);
  if (isIpv6 ? type === 2 : type === 3 && code === 4) view.setUint16(6, 1280);
  message.set(quote, 8);
  const protocol = isIpv6 ? ICMPV6 : ICMP;
  view.setUint16(2, isIpv6 ? transportChecksum(route, protocol, message) : ~onesSum(message, 0) & 0xffff);
  return ipFrame(route, protocol, message, ident);
}
