import { backgroundPackets } from './background.ts';
import { callTruth } from './call-truth.ts';
import { planDialog, type SipMessage } from './dialog.ts';
import { type Route, udpFrame } from './frame.ts';
import { type ArrivedPacket, passNetwork } from './network.ts';
import { isoTime, pcapFile } from './pcap.ts';
import { callRandom, type ResolvedCall, resolveCall, wireAddress } from './resolve.ts';
import { planRtcp, type ReportSeen } from './rtcp.ts';
import type { Direction, Scenario, Side } from './scenario.ts';
import { planSender, type SentPacket } from './sender.ts';
import { stamped, throughTap } from './tap.ts';
import { TcpConnection } from './tcp-connection.ts';
import type { CaptureTruth, StreamTruth, Truth } from './truth.ts';
import { streamTruth } from './truth-stream.ts';
import { checkScenario } from './validate.ts';
import { type Lane, lanesOf } from './wire-media.ts';

/** A packet of the capture and the reason it is there. */
export interface WirePacket {
  timeNs: number;
  bytes: Uint8Array;
  kind: 'sip' | 'rtp' | 'rtcp' | 'other';
  call?: ResolvedCall;
  /** Who sent it; noise is nobody's. */
  from?: Side;
  rtp?: { lane: Lane; packet: ArrivedPacket };
  report?: ReportSeen;
}

/** Signalling is marked CS3, as most telephones do. */
const SIP_DSCP = 24;
const DEFAULT_START = '2026-03-02T09:00:00.000Z';

/**
 * The capture a scenario describes (a pcap file) and the truth about it. Same scenario, same bytes.
 * `delays` adds every packet's relative transit to the truth. Throws `ScenarioError` when a field is wrong.
 */
export function buildScenario(
  scenario: Scenario,
  options: { delays?: boolean } = {},
): { pcap: Uint8Array; truth: Truth } {
  checkScenario(scenario);
  const epochMs = Date.parse(scenario.startTime ?? DEFAULT_START);
  const calls = scenario.calls.map((spec, i) => resolveCall(scenario, spec, i));
  const unitNs = scenario.nanoseconds ? 1 : 1000;
  const packets = calls.flatMap((call) => callPackets(scenario, epochMs, call));
  const times = packets.reduce(
    (span, p) => [Math.min(span[0]!, p.timeNs), Math.max(span[1]!, p.timeNs)],
    [0, 1e9],
  );
  for (const noise of backgroundPackets(scenario, times[0]!, times[1]!))
    packets.push({ ...noise, kind: 'other' });
  const kept = throughTap(scenario, packets);
  for (const packet of kept) packet.timeNs = Math.round(packet.timeNs / unitNs) * unitNs;
  // The sort is stable: packets of one instant stay in the order they were made, SIP before media.
  kept.sort((a, b) => a.timeNs - b.timeNs);
  const truth: Truth = {
    schema: 'earshot.truth/1',
    seed: scenario.seed ?? 1,
    capture: captureTruth(kept, epochMs),
    calls: callTruths(kept, epochMs, unitNs),
    streams: streamTruths(kept, epochMs, options.delays ?? false),
  };
  const snapLength = scenario.capture?.snapLength ?? Number.POSITIVE_INFINITY;
  return {
    pcap: pcapFile(stamped(scenario, kept), epochMs, scenario.nanoseconds ?? false, snapLength),
    truth,
  };
}

function callPackets(scenario: Scenario, epochMs: number, call: ResolvedCall): WirePacket[] {
  const messages = planDialog(scenario, call);
  const packets =
    call.transport === 'tcp' ? sipOverTcp(scenario, call, messages) : sipOverUdp(scenario, call, messages);
  const sent: Record<Side, SentPacket[]> = { caller: [], callee: [] };
  const arrived: Record<Side, ArrivedPacket[]> = { caller: [], callee: [] };
  for (const lane of lanesOf(call)) {
    const leaving = planSender(scenario, call, lane);
    const passing = passNetwork(scenario, call, lane, leaving);
    if (lane.name === lane.way) {
      sent[sender(lane.way)] = leaving;
      arrived[sender(lane.way)] = passing;
    }
    for (const packet of rtpFrames(scenario, call, lane, passing)) packets.push(packet);
  }
  const idents = { caller: callRandom(scenario, call, 'rtcp/ident').int(65536), callee: 0 };
  for (const { timeNs, from, payload, seen } of planRtcp(scenario, epochMs, call, { sent, arrived })) {
    const above = call.rtcp!.mux ? 0 : 1;
    const [src, dst] = from === 'caller' ? [call.caller, call.callee] : [call.callee, call.caller];
    const route = routeFrom(scenario, call, from, 46, 64);
    const ident = idents[from]++ & 0xffff;
    const bytes = udpFrame(route, src.wireRtpPort + above, dst.wireRtpPort + above, payload, ident);
    packets.push({ timeNs, bytes, kind: 'rtcp', call, from, report: seen });
  }
  return packets;
}

function sender(way: Direction): Side {
  return way === 'callerToCallee' ? 'caller' : 'callee';
}

function routeFrom(scenario: Scenario, call: ResolvedCall, from: Side, dscp: number, ttl: number): Route {
  const [src, dst] = from === 'caller' ? [call.caller, call.callee] : [call.callee, call.caller];
  return { src: src.wireIp, dst: dst.wireIp, dscp, ttl, vlans: scenario.vlans ?? [] };
}

function sipOverUdp(scenario: Scenario, call: ResolvedCall, messages: SipMessage[]): WirePacket[] {
  const random = callRandom(scenario, call, 'sip/ident');
  const idents = { caller: random.int(65536), callee: random.int(65536) };
  return messages.map(({ timeMs, from, text }) => {
    const [src, dst] = from === 'caller' ? [call.caller, call.callee] : [call.callee, call.caller];
    const route = routeFrom(scenario, call, from, SIP_DSCP, 64);
    const ident = idents[from]++ & 0xffff;
    const bytes = udpFrame(route, src.sipPort, dst.sipPort, new TextEncoder().encode(text), ident);
    return { timeNs: timeMs * 1e6, bytes, kind: 'sip', call, from };
  });
}

function sipOverTcp(scenario: Scenario, call: ResolvedCall, messages: SipMessage[]): WirePacket[] {
  if (messages.length === 0) return [];
  const random = callRandom(scenario, call, 'tcp');
  const toServer = routeFrom(scenario, call, 'caller', SIP_DSCP, 64);
  const toClient = routeFrom(scenario, call, 'callee', SIP_DSCP, 64);
  const port = 32768 + random.int(28000);
  const connection = new TcpConnection(toServer, toClient, port, call.callee.sipPort, random);
  // The handshake is over just before the INVITE; a capture that begins in mid-call misses it.
  if (call.outcome !== 'midcall') connection.open(messages[0]!.timeMs * 1e6 - 1e6);
  for (const { timeMs, from, text } of messages) {
    connection.send(timeMs * 1e6, from === 'caller', new TextEncoder().encode(text));
  }
  if (call.outcome !== 'open' && call.outcome !== 'ringing')
    connection.close(messages.at(-1)!.timeMs * 1e6 + 50e6);
  return connection.segments.map(({ timeNs, data, bytes, fromClient }) => ({
    timeNs,
    bytes,
    kind: data ? 'sip' : 'other',
    call,
    from: fromClient ? 'caller' : 'callee',
  }));
}

function rtpFrames(
  scenario: Scenario,
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
  return arrived.map((packet) => {
    const payload = new Uint8Array(12 + packet.payload.length);
    const view = new DataView(payload.buffer);
    view.setUint8(0, 0x80);
    view.setUint8(1, (packet.marker ? 0x80 : 0) | packet.payloadType);
    view.setUint16(2, packet.seq);
    view.setUint32(4, packet.timestamp);
    view.setUint32(8, packet.ssrc);
    payload.set(packet.payload, 12);
    // A copy by a network or a sender is a packet of its own; far enough not to meet that of another packet.
    const ident = (firstIdent + packet.index + (packet.copy === 'network' ? 0x8000 : 0)) & 0xffff;
    const way = packet.sendNs - firstNs >= changeNs ? later : route;
    const bytes = udpFrame(way, srcPort, dstPort, payload, ident);
    return { timeNs: packet.timeNs, bytes, kind: 'rtp', call, from: sender(lane.way), rtp: { lane, packet } };
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
    other: count('other'),
  };
}

function callTruths(packets: readonly WirePacket[], epochMs: number, unitNs: number): Truth['calls'] {
  const order = new Set<ResolvedCall>();
  for (const { kind, call } of packets) {
    if (kind === 'sip') order.add(call!);
  }
  return [...order].map((call) => callTruth(call, epochMs, unitNs));
}

function streamTruths(packets: readonly WirePacket[], epochMs: number, withDelays: boolean): StreamTruth[] {
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
  return [...streams.values()].map(({ call, lane, arrived }) =>
    streamTruth({
      call,
      way: lane.way,
      arrived,
      epochMs,
      withDelays,
      spec: lane.spec,
      reports: reports.get(call) ?? [],
    }),
  );
}
