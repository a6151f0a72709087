import { backgroundPackets } from './background.ts';
import { callTruth } from './call-truth.ts';
import { planDialog } from './dialog.ts';
import { type Route, udpFrame } from './frame.ts';
import { hepFrame, type Seen } from './hep.ts';
import { icmpErrors } from './icmp.ts';
import { countDrops, stamped, throughTap } from './mirror.ts';
import { type ArrivedPacket, passNetwork } from './network.ts';
import { isoTime, pcapFile } from './pcap.ts';
import { pcapngFile } from './pcapng.ts';
import { callRandom, type ResolvedCall, resolveCall, wireAddress } from './resolve.ts';
import { planRtcp, type ReportSeen } from './rtcp.ts';
import type { Direction, Scenario, Side } from './scenario.ts';
import { planSender, type SentPacket } from './sender.ts';
import { signallingFrames } from './signalling.ts';
import { standalonePackets } from './standalone.ts';
import { t38Flows } from './t38.ts';
import type { CaptureTruth, StreamTruth, Truth } from './truth.ts';
import { signallingTruth } from './truth-signalling.ts';
import { streamTruth } from './truth-stream.ts';
import { checkScenario } from './validate.ts';
import { type Lane, lanesOf } from './wire-media.ts';

/** A packet of the capture and the reason it is there. */
export interface WirePacket {
  timeNs: number;
  bytes: Uint8Array;
  lostBefore?: number;
  kind: 'sip' | 'rtp' | 'rtcp' | 't38' | 'other';
  call?: ResolvedCall;
  /** Who sent it; noise is nobody's. */
  from?: Side;
  rtp?: { lane: Lane; packet: ArrivedPacket };
  report?: ReportSeen;
}

const DEFAULT_START = '2026-03-02T09:00:00.000Z';

export interface BuildOptions {
  /** Adds every packet's relative transit to the truth. */
  delays?: boolean;
  /** Where TLS secrets go: into the capture, which is pcapng then (the default), or nowhere but into the result. */
  secrets?: 'inside' | 'beside';
}

export interface BuiltScenario {
  /** A pcap file; pcapng when it holds TLS secrets. */
  pcap: Uint8Array;
  /** Worked out when it is asked for: it takes as long again as the capture. */
  readonly truth: Truth;
  /** The secrets of all TLS connections (SSLKEYLOGFILE); empty when there are none. */
  keyLog: string;
}

/**
 * The capture a scenario describes and the truth about it. Same scenario, same bytes. Throws `ScenarioError` when a
 * field is wrong.
 */
export function buildScenario(scenario: Scenario, options: BuildOptions = {}): BuiltScenario {
  const made = wireOf(scenario);
  let truth: Truth | null = null;
  return {
    pcap: fileOf(scenario, made, options),
    get truth() {
      truth ??= truthOf(scenario, made, options);
      return truth;
    },
    keyLog: made.keyLog,
  };
}

function truthOf(scenario: Scenario, { epochMs, unitNs, calls, kept }: Wire, options: BuildOptions): Truth {
  const truth: Truth = {
    schema: 'earshot.truth/1',
    seed: scenario.seed ?? 1,
    capture: captureTruth(kept, epochMs),
    calls: callTruths(kept, epochMs, unitNs),
    signalling: signallingTruth(scenario, calls),
    streams: streamTruths(kept, epochMs, options.delays ?? false, scenario.hep ?? false),
  };
  const faxes = calls.flatMap((call) => t38Flows(scenario, call));
  if (faxes.length > 0) truth.t38 = faxes.map((flow) => flow.truth);
  return truth;
}

/** The capture alone. */
export function buildCapture(scenario: Scenario, options: BuildOptions = {}): Uint8Array {
  return fileOf(scenario, wireOf(scenario), options);
}

/** All that the capture sees, in order of time. */
interface Wire {
  epochMs: number;
  unitNs: number;
  calls: ResolvedCall[];
  kept: WirePacket[];
  keyLog: string;
}

function wireOf(scenario: Scenario): Wire {
  checkScenario(scenario);
  const epochMs = Date.parse(scenario.startTime ?? DEFAULT_START);
  const calls = scenario.calls.map((spec, i) => resolveCall(scenario, spec, i));
  const unitNs = scenario.nanoseconds ? 1 : 1000;
  const keyLogs: string[] = [];
  const packets = calls.flatMap((call) => callPackets(scenario, epochMs, call, keyLogs));
  for (const packet of standalonePackets(scenario))
    packets.push({ ...packet, kind: packet.sip ? 'sip' : 'other' });
  const times = packets.reduce(
    (span, p) => [Math.min(span[0]!, p.timeNs), Math.max(span[1]!, p.timeNs)],
    [0, 1e9],
  );
  for (const noise of backgroundPackets(scenario, times[0]!, times[1]!))
    packets.push({ ...noise, kind: 'other' });
  const dropped: WirePacket[] = [];
  const kept = throughTap(scenario, packets, dropped);
  for (const packet of kept) packet.timeNs = Math.round(packet.timeNs / unitNs) * unitNs;
  // The sort is stable: packets of one instant stay in the order they were made, SIP before media.
  kept.sort((a, b) => a.timeNs - b.timeNs);
  if (scenario.capture?.countDrops) countDrops(kept, dropped);
  return { epochMs, unitNs, calls, kept, keyLog: keyLogs.join('') };
}

function fileOf(scenario: Scenario, { epochMs, kept, keyLog }: Wire, { secrets }: BuildOptions): Uint8Array {
  const nanoseconds = scenario.nanoseconds ?? false;
  const seen = stamped(scenario, kept);
  if ((keyLog !== '' && secrets !== 'beside') || scenario.capture?.countDrops)
    return pcapngFile(seen, epochMs, nanoseconds, keyLog);
  return pcapFile(seen, epochMs, nanoseconds, scenario.capture?.snapLength ?? Number.POSITIVE_INFINITY);
}

function callPackets(
  scenario: Scenario,
  epochMs: number,
  call: ResolvedCall,
  keyLogs: string[],
): WirePacket[] {
  const signalling = signallingFrames(scenario, epochMs, call, planDialog(scenario, call));
  keyLogs.push(signalling.keyLog);
  const packets: WirePacket[] = signalling.frames.map(({ timeNs, bytes, isSip, from }) => {
    return { timeNs, bytes, kind: isSip ? 'sip' : 'other', call, from };
  });
  const sent: Record<Side, SentPacket[]> = { caller: [], callee: [] };
  const arrived: Record<Side, ArrivedPacket[]> = { caller: [], callee: [] };
  for (const lane of lanesOf(call)) {
    const leaving = planSender(scenario, call, lane);
    const passing = passNetwork(scenario, call, lane, leaving);
    if (lane.name === lane.way) {
      sent[sender(lane.way)] = leaving;
      arrived[sender(lane.way)] = passing;
    }
    for (const packet of rtpFrames(scenario, epochMs, call, lane, passing)) packets.push(packet);
  }
  const idents = { caller: callRandom(scenario, call, 'rtcp/ident').int(65536), callee: 0 };
  for (const { timeNs, from, payload, seen } of planRtcp(scenario, epochMs, call, { sent, arrived })) {
    const above = call.rtcp!.mux ? 0 : 1;
    const [src, dst] = from === 'caller' ? [call.caller, call.callee] : [call.callee, call.caller];
    const route = routeFrom(scenario, call, from, 46, 64);
    const ident = idents[from]++ & 0xffff;
    const ports = { srcPort: src.wireRtpPort + above, dstPort: dst.wireRtpPort + above };
    const bytes = mediaFrame(scenario, epochMs, { kind: 'rtcp', route, ...ports, timeNs, payload }, ident);
    packets.push({ timeNs, bytes, kind: 'rtcp', call, from, report: seen });
  }
  for (const packet of t38Frames(scenario, call)) packets.push(packet);
  for (const error of icmpErrors(scenario, call, packets)) packets.push({ ...error, kind: 'other', call });
  return packets;
}

function t38Frames(scenario: Scenario, call: ResolvedCall): WirePacket[] {
  return t38Flows(scenario, call).flatMap(({ way, srcPort, dstPort, arrived }) => {
    const from = sender(way);
    const route = routeFrom(scenario, call, from, 46, 64);
    const firstIdent = callRandom(scenario, call, `t38/${way}/ident`).int(65536);
    return arrived.map(({ timeNs, payload }, k): WirePacket => {
      const bytes = udpFrame(route, srcPort, dstPort, payload, (firstIdent + k) & 0xffff);
      return { timeNs, bytes, kind: 't38', call, from };
    });
  });
}

function sender(way: Direction): Side {
  return way === 'callerToCallee' ? 'caller' : 'callee';
}

function routeFrom(scenario: Scenario, call: ResolvedCall, from: Side, dscp: number, ttl: number): Route {
  const [src, dst] = from === 'caller' ? [call.caller, call.callee] : [call.callee, call.caller];
  return { src: src.wireIp, dst: dst.wireIp, dscp, ttl, vlans: scenario.vlans ?? [] };
}

/** A datagram of media on the wire, or as a capture agent tells of it. */
function mediaFrame(
  scenario: Scenario,
  epochMs: number,
  seen: Omit<Seen, 'protocol'>,
  ident: number,
): Uint8Array {
  if (scenario.hep) return hepFrame({ ...seen, protocol: 17 }, epochMs, ident);
  return udpFrame(seen.route, seen.srcPort, seen.dstPort, seen.payload, ident);
}

function rtpFrames(
  scenario: Scenario,
  epochMs: number,
  call: ResolvedCall,
  lane: Lane,
  arrived: readonly ArrivedPacket[],
): WirePacket[] {
  const { spec, way, name } = lane;
  const [src, dst] = way === 'callerToCallee' ? [call.caller, call.callee] : [call.callee, call.caller];
  const srcPort = spec.from?.port ?? src.wireRtpPort;
  const dstPort = spec.to?.port ?? dst.wireRtpPort;
  const route = routeFrom(scenario, call, sender(way), spec.dscp ?? 46, spec.ttl ?? 64);
  if (spec.from !== undefined) route.src = wireAddress(scenario, spec.from.ip);
  if (spec.to !== undefined) route.dst = wireAddress(scenario, spec.to.ip);
  const change = spec.pathChange;
  const later = { ...route, dscp: change?.dscp ?? route.dscp, ttl: change?.ttl ?? route.ttl };
  const changeNs = change === undefined ? Number.POSITIVE_INFINITY : change.atMs * 1e6;
  const firstNs = arrived[0]?.sendNs ?? 0;
  const firstIdent = callRandom(scenario, call, `${name}/ident`).int(65536);
  // Frames copy what they are made of.
  let payload = new Uint8Array(0);
  let view = new DataView(payload.buffer);
  return arrived.map((packet) => {
    if (payload.length !== 12 + packet.payload.length) {
      payload = new Uint8Array(12 + packet.payload.length);
      view = new DataView(payload.buffer);
    }
    view.setUint8(0, 0x80);
    view.setUint8(1, (packet.marker ? 0x80 : 0) | packet.payloadType);
    view.setUint16(2, packet.seq);
    view.setUint32(4, packet.timestamp);
    view.setUint32(8, packet.ssrc);
    payload.set(packet.payload, 12);
    // A copy by a network or a sender is a packet of its own; far enough not to meet that of another packet.
    const ident = (firstIdent + packet.index + (packet.copy === 'network' ? 0x8000 : 0)) & 0xffff;
    const { timeNs } = packet;
    const way = packet.sendNs - firstNs >= changeNs ? later : route;
    const told = { kind: 'rtp' as const, route: way, srcPort, dstPort, timeNs, payload };
    const bytes = mediaFrame(scenario, epochMs, told, ident);
    return { timeNs, bytes, kind: 'rtp', call, from: sender(lane.way), rtp: { lane, packet } };
  });
}

function captureTruth(packets: readonly WirePacket[], epochMs: number): CaptureTruth {
  const count = (kind: WirePacket['kind']): number => packets.filter((packet) => packet.kind === kind).length;
  return {
    packets: packets.length,
    bytes: packets.reduce((sum, packet) => sum + packet.bytes.length, 0),
    startTime: packets.length === 0 ? null : isoTime(epochMs, packets[0]!.timeNs),
    endTime: packets.length === 0 ? null : isoTime(epochMs, packets.at(-1)!.timeNs),
    sip: count('sip'),
    rtp: count('rtp'),
    rtcp: count('rtcp'),
    other: count('other') + count('t38'),
  };
}

function callTruths(packets: readonly WirePacket[], epochMs: number, unitNs: number): Truth['calls'] {
  const order = new Set<ResolvedCall>();
  for (const { kind, call } of packets) {
    if (kind === 'sip' && call !== undefined) order.add(call);
  }
  return [...order].map((call) => callTruth(call, epochMs, unitNs));
}

function streamTruths(
  packets: readonly WirePacket[],
  epochMs: number,
  withDelays: boolean,
  isHep: boolean,
): StreamTruth[] {
  const streams = new Map<string, { call: ResolvedCall; lane: Lane; arrived: ArrivedPacket[] }>();
  const reports = new Map<ResolvedCall, ReportSeen[]>();
  for (const { call, rtp, report } of packets) {
    if (rtp !== undefined) {
      const key = `${call!.index}/${rtp.lane.name}/${rtp.packet.ssrc}`;
      const stream = streams.get(key);
      if (stream === undefined) streams.set(key, { call: call!, lane: rtp.lane, arrived: [rtp.packet] });
      else stream.arrived.push(rtp.packet);
    }
    if (report !== undefined) {
      const ofCall = reports.get(call!);
      if (ofCall === undefined) reports.set(call!, [report]);
      else ofCall.push(report);
    }
  }
  return [...streams.values()].map(({ call, lane, arrived }) => {
    const { way, spec } = lane;
    const truth = streamTruth({
      ...{ call, way, arrived, epochMs, withDelays, spec },
      reports: reports.get(call) ?? [],
    });
    // Agents tell of the payload, not of the packet around it.
    return isHep ? { ...truth, dscp: null, ttl: null } : truth;
  });
}
