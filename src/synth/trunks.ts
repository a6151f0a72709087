import { randomFor } from './random.ts';
import { lines } from './registrations.ts';
import type { Scenario } from './scenario.ts';
import type { TrunkSpec } from './signalling-spec.ts';
import type { HostExchange, HostMessage } from './standalone.ts';
import { otherRepeats } from './timers.ts';

/** All OPTIONS from one host to another, and the answers. */
export function trunkMessages(scenario: Scenario, spec: TrunkSpec, index: number): HostExchange {
  const random = randomFor(scenario.seed ?? 1, 'trunk', index);
  const messages: HostMessage[] = [];
  for (let i = 0; i < spec.count; i++) {
    const atMs = (spec.startMs ?? 0) + i * spec.intervalMs;
    const branch = random.hex(16);
    const names = (code: number | null): string[] => [
      `Via: SIP/2.0/UDP pbx.example.com:5060;branch=z9hG4bK${branch}`,
      `From: <sip:pbx@example.com>;tag=${branch.slice(0, 8)}`,
      `To: <sip:trunk.example.net>${code === null ? '' : ';tag=trunk'}`,
      `Call-ID: ${branch}@example.com`,
      'CSeq: 102 OPTIONS',
    ];
    const agent = spec.userAgent === undefined ? [] : [`User-Agent: ${spec.userAgent}`];
    const start = 'OPTIONS sip:trunk.example.net SIP/2.0';
    const request = lines([start, ...names(null), 'Max-Forwards: 70', ...agent]);
    const silent = spec.unanswered?.includes(i) === true;
    // The next OPTIONS takes the place of one that is still being repeated.
    const repeats = silent ? otherRepeats().filter((after) => after < spec.intervalMs) : [];
    for (const after of [0, ...repeats])
      messages.push({ timeMs: atMs + after, fromClient: true, text: request });
    if (silent) continue;
    const code = spec.answer ?? 200;
    const text = lines([`SIP/2.0 ${code} Answer`, ...names(code), 'Server: ExampleTrunk/1']);
    messages.push({ timeMs: atMs + (spec.delayMs ?? 20), fromClient: false, text });
  }
  return {
    client: { ip: spec.srcIp, port: 5060 },
    server: { ip: spec.dstIp, port: 5060 },
    transport: 'udp',
    messages,
  };
}
