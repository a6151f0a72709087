import { udpFrame } from './frame.ts';
import { type Random, randomFor } from './random.ts';
import { registrationMessages } from './registrations.ts';
import { wireAddress } from './resolve.ts';
import type { Scenario } from './scenario.ts';
import { TcpConnection } from './tcp-connection.ts';
import { trunkMessages } from './trunks.ts';

/** A SIP message outside of calls, between two hosts. */
export interface HostMessage {
  timeMs: number;
  /** From the one that asks (the client), or back. */
  fromClient: boolean;
  text: string;
}

/** All messages between two hosts. */
export interface HostExchange {
  client: { ip: string; port: number };
  server: { ip: string; port: number };
  transport: 'udp' | 'tcp';
  messages: HostMessage[];
}

interface StandalonePacket {
  timeNs: number;
  bytes: Uint8Array;
  sip: boolean;
}

const SIP_DSCP = 24;

/** Packets of registrations and trunks, and a last one where the capture shall go on. */
export function standalonePackets(scenario: Scenario): StandalonePacket[] {
  const packets: StandalonePacket[] = [];
  const exchanges = [
    ...(scenario.registrations ?? []).map((spec, i) => registrationMessages(scenario, spec, i)),
    ...(scenario.trunks ?? []).map((spec, i) => trunkMessages(scenario, spec, i)),
  ];
  for (const [i, exchange] of exchanges.entries()) {
    packets.push(...packetsOf(scenario, exchange, randomFor(scenario.seed ?? 1, 'standalone', i)));
  }
  if (scenario.untilMs !== undefined) packets.push(lastPacket(scenario, scenario.untilMs));
  return packets;
}

function packetsOf(scenario: Scenario, exchange: HostExchange, random: Random): StandalonePacket[] {
  const { client, server, messages } = exchange;
  const vlans = scenario.vlans ?? [];
  const [near, far] = [wireAddress(scenario, client.ip), wireAddress(scenario, server.ip)];
  const toServer = { src: near, dst: far, dscp: SIP_DSCP, ttl: 64, vlans };
  const toClient = { src: far, dst: near, dscp: SIP_DSCP, ttl: 64, vlans };
  const encoder = new TextEncoder();
  if (exchange.transport === 'tcp' && messages.length > 0) {
    const connection = new TcpConnection(toServer, toClient, 32768 + random.int(28000), server.port, random);
    connection.open(messages[0]!.timeMs * 1e6 - 1e6);
    for (const { timeMs, fromClient, text } of messages) {
      connection.send(timeMs * 1e6, fromClient, encoder.encode(text));
    }
    return connection.segments.map(({ timeNs, data, bytes }) => ({ timeNs, bytes, sip: data }));
  }
  let ident = random.int(65536);
  return messages.map(({ timeMs, fromClient, text }) => {
    ident = (ident + 1) & 0xffff;
    const [route, from, to] = fromClient
      ? ([toServer, client.port, server.port] as const)
      : ([toClient, server.port, client.port] as const);
    return { timeNs: timeMs * 1e6, bytes: udpFrame(route, from, to, encoder.encode(text), ident), sip: true };
  });
}

/** Something harmless: four octets from one DNS port to another. */
function lastPacket(scenario: Scenario, atMs: number): StandalonePacket {
  const src = wireAddress(scenario, '192.0.2.1');
  const dst = wireAddress(scenario, '192.0.2.2');
  const route = { src, dst, dscp: 0, ttl: 64, vlans: scenario.vlans ?? [] };
  return { timeNs: atMs * 1e6, bytes: udpFrame(route, 53, 53, Uint8Array.of(0, 1, 2, 3), 1), sip: false };
}
