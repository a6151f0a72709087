import { formatAddress } from './address.ts';
import type { ByteConnection } from './byte-connection.ts';
import type { SipMessage } from './dialog.ts';
import { type Route, udpFrame } from './frame.ts';
import { hepFrame } from './hep.ts';
import { callRandom, type ResolvedCall, wireAddress } from './resolve.ts';
import type { Scenario, Side } from './scenario.ts';
import { TcpConnection } from './tcp-connection.ts';
import { TlsConnection } from './tls-connection.ts';
import { WebSocketConnection } from './websocket-connection.ts';

/** A frame at its time, ns of the scenario. */
export interface SignallingFrame {
  timeNs: number;
  bytes: Uint8Array;
  /** Whether it carries SIP, or part of a message; not handshakes and bare acknowledgements. */
  isSip: boolean;
  /** Who sent it. */
  from: Side;
}

/** The frames of a call's signalling, and the TLS secrets that are needed to read them. */
export interface SignallingFrames {
  frames: SignallingFrame[];
  keyLog: string;
}

/** Signalling is marked CS3, as most telephones do. */
const SIP_DSCP = 24;

/** Writes a call's SIP messages in the call's transport, or as a capture agent would tell of them. */
export function signallingFrames(
  scenario: Scenario,
  epochMs: number,
  call: ResolvedCall,
  messages: readonly SipMessage[],
): SignallingFrames {
  if (messages.length === 0) return { frames: [], keyLog: '' };
  if (scenario.hep) return { frames: toldByAgent(scenario, epochMs, call, messages), keyLog: '' };
  if (call.transport === 'udp') return { frames: overUdp(scenario, call, messages), keyLog: '' };
  return overConnection(scenario, call, messages);
}

function route(scenario: Scenario, call: ResolvedCall, from: Side): Route {
  const [src, dst] = from === 'caller' ? [call.caller, call.callee] : [call.callee, call.caller];
  const dscp = call.signalling?.dscp?.[from] ?? SIP_DSCP;
  return { src: src.wireIp, dst: dst.wireIp, dscp, ttl: 64, vlans: scenario.vlans ?? [] };
}

function overUdp(scenario: Scenario, call: ResolvedCall, messages: readonly SipMessage[]): SignallingFrame[] {
  const random = callRandom(scenario, call, 'sip/ident');
  const idents = { caller: random.int(65536), callee: random.int(65536) };
  return messages.map(({ timeMs, from, text, hop, copy = false }) => {
    const [src, dst] = from === 'caller' ? [call.caller, call.callee] : [call.callee, call.caller];
    const between = route(scenario, call, from);
    const way =
      hop === undefined
        ? between
        : { ...between, src: wireAddress(scenario, hop.src), dst: wireAddress(scenario, hop.dst) };
    if (!copy) idents[from]++;
    const ident = (idents[from] - 1) & 0xffff;
    const payload = new TextEncoder().encode(text);
    const bytes = udpFrame(way, src.sipPort, dst.sipPort, payload, ident);
    return { timeNs: timeMs * 1e6, bytes, isSip: true, from };
  });
}

function toldByAgent(
  scenario: Scenario,
  epochMs: number,
  call: ResolvedCall,
  messages: readonly SipMessage[],
): SignallingFrame[] {
  const random = callRandom(scenario, call, 'hep/ident');
  const firstIdent = random.int(65536);
  return messages.map(({ timeMs, from, text }, i) => {
    const [src, dst] = from === 'caller' ? [call.caller, call.callee] : [call.callee, call.caller];
    const timeNs = timeMs * 1e6;
    const seen = {
      kind: 'sip' as const,
      route: route(scenario, call, from),
      srcPort: src.sipPort,
      dstPort: dst.sipPort,
      protocol: call.transport === 'udp' ? 17 : 6,
      timeNs,
      payload: new TextEncoder().encode(text),
    };
    return { timeNs, bytes: hepFrame(seen, epochMs, (firstIdent + i) & 0xffff), isSip: true, from };
  });
}

function overConnection(
  scenario: Scenario,
  call: ResolvedCall,
  messages: readonly SipMessage[],
): SignallingFrames {
  const random = callRandom(scenario, call, 'tcp');
  const port = 32768 + random.int(28000);
  const toServer = route(scenario, call, 'caller');
  const tcp = new TcpConnection(toServer, route(scenario, call, 'callee'), port, call.callee.sipPort, random);
  let connection: ByteConnection = tcp;
  let tls: TlsConnection | null = null;
  if (call.transport === 'tls' || call.transport === 'wss') {
    tls = new TlsConnection(tcp, call.tlsVersion, callRandom(scenario, call, 'tls'));
    connection = tls;
  }
  if (call.transport === 'ws' || call.transport === 'wss') {
    const host = formatAddress(call.callee.wireIp);
    connection = new WebSocketConnection(connection, host, callRandom(scenario, call, 'websocket'));
  }
  // All is open just before the INVITE; a capture that begins in mid-call misses that.
  if (call.outcome !== 'midcall') connection.open(messages[0]!.timeMs * 1e6 - 1e6);
  for (const { timeMs, from, text } of messages) {
    connection.send(timeMs * 1e6, from === 'caller', new TextEncoder().encode(text), true);
  }
  if (call.outcome !== 'open' && call.outcome !== 'ringing')
    connection.close(messages.at(-1)!.timeMs * 1e6 + 50e6);
  const frames = tcp.segments.map(
    ({ timeNs, data, bytes, fromClient }): SignallingFrame => ({
      timeNs,
      bytes,
      isSip: data,
      from: fromClient ? 'caller' : 'callee',
    }),
  );
  return { frames, keyLog: tls?.keyLog ?? '' };
}
