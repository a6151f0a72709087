import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { openCapture } from '../../src/capture/open.ts';
import { inflate } from '../../src/cli/inflate.ts';
import { nodeCrypto } from '../../src/cli/tls-crypto.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { CallRecord, FindingRecord, StreamRecord } from '../../src/records/types.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec, Outcome, Scenario } from '../../src/synth/scenario.ts';
import { TlsKeys } from '../../src/tls/key-log.ts';
import type { Replayed } from './replayed.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-wrappings-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Seen = Pick<Replayed, 'streams' | 'calls' | 'findings' | 'account'>;

/** Reads a capture file as the program does; `keyLog` is what --keylog would give. */
function replayFile(file: Uint8Array, keyLog = ''): Seen {
  const path = join(folder, 'capture');
  writeFileSync(path, file);
  const streams: StreamRecord[] = [];
  const calls: CallRecord[] = [];
  const findings: FindingRecord[] = [];
  const keys = new TlsKeys();
  keys.add(Buffer.from(keyLog));
  const engine = new Engine(
    {
      stream: (record) => streams.push(record),
      call: (record) => calls.push(record),
      finding: (record) => findings.push(record),
    },
    { decryption: { keys, crypto: nodeCrypto }, hep: { inflate } },
  );
  const source = openCapture(path, { onKeyLog: (text) => keys.add(text) });
  for (let batch = source.read(); batch !== null; batch = source.read()) engine.ingest(batch);
  engine.finish();
  source.close();
  expect(source.problems).toEqual([]);
  return { streams, calls, findings, account: engine.account() };
}

/** A report without what says how the packets came. */
function essenceOf({ streams, calls, findings, account }: Seen): unknown {
  return {
    streams: streams.map(
      ({
        encapsulation: _,
        tunnel: __,
        vlans: ___,
        dscp: ____,
        ttl: _____,
        history,
        intervals,
        ...rest
      }) => ({
        ...rest,
        history: { ...history, path: [] },
        intervals: Array.from({ length: intervals.length }, (______, i) => intervals.at(i)),
      }),
    ),
    // How SIP came is what differs.
    calls: calls.map((call) => ({
      ...call,
      signalling: { ...call.signalling, transport: null, dscp: null },
    })),
    findings,
    decoded: { ...account.decoded, other: null },
    discarded: account.discarded,
  };
}

interface Wrapping {
  name: string;
  call: Partial<CallSpec>;
  hep?: boolean;
  secrets?: 'beside';
}

const WRAPPINGS: Wrapping[] = [
  { name: 'TCP', call: { transport: 'tcp' } },
  { name: 'WebSocket', call: { transport: 'ws' } },
  { name: 'TLS 1.3 with secrets in the capture', call: { transport: 'tls' } },
  { name: 'TLS 1.2 with secrets in the capture', call: { transport: 'tls', tlsVersion: '1.2' } },
  { name: 'TLS 1.3 with a key log', call: { transport: 'tls' }, secrets: 'beside' },
  { name: 'secure WebSocket', call: { transport: 'wss' } },
  { name: 'HEP', call: {}, hep: true },
];

function inWrapping(scenario: Scenario, { call, hep, secrets }: Wrapping): Seen {
  const wrapped: Scenario = { ...scenario, calls: scenario.calls.map((spec) => ({ ...spec, ...call })) };
  if (hep) wrapped.hep = true;
  const { pcap, keyLog } = buildScenario(wrapped, secrets === undefined ? {} : { secrets });
  return replayFile(pcap, secrets === undefined ? '' : keyLog);
}

/** Two calls with much that can go wrong, and one that fails. */
const CALLS: Scenario = {
  seed: 11,
  calls: [
    {
      durationMs: 3000,
      ringMs: [60, 400],
      rtcp: { intervalMs: 800, tapToCallerMs: 3, tapToCalleeMs: 20 },
      dtmf: { atMs: 900, digits: '4#' },
      callerToCallee: { loss: { kind: 'exact', positions: [40, 41, 42, 90] } },
      calleeToCaller: { jitter: { kind: 'uniform', maxMs: 12 }, reorder: { positions: [50], by: 2 } },
    },
    { startMs: 700, durationMs: 1500, codec: 'G729', hold: { atMs: 300, durationMs: 400 } },
    { startMs: 900, outcome: 'busy' },
  ],
};

describe.each([false, true])('the same calls, IPv6 %s', (ipv6) => {
  const scenario = { ...CALLS, ipv6 };
  const plain = inWrapping(scenario, { name: 'UDP', call: {} });

  test('are worth comparing', () => {
    expect(plain.calls.map(({ state }) => state)).toEqual(['answered', 'answered', 'failed']);
    expect(plain.streams).toHaveLength(4);
    expect(plain.account.decoded.rtcp).toBeGreaterThan(3);
  });

  test.each(WRAPPINGS.map((wrapping) => [wrapping.name, wrapping] as const))('over %s', (_, wrapping) => {
    const wrapped = inWrapping(scenario, wrapping);
    expect(essenceOf(wrapped)).toEqual(essenceOf(plain));
    const isHep = wrapping.hep === true;
    const marked = isHep ? [] : [24];
    for (const { signalling } of wrapped.calls)
      expect(signalling.dscp).toEqual({ caller: marked, callee: marked });
    for (const stream of wrapped.streams) {
      expect(stream.encapsulation).toEqual(isHep ? ['hep'] : []);
      expect(stream.tunnel).toEqual(isHep ? { id: 2001, src: '198.51.100.5', dst: '198.51.100.6' } : null);
      expect(stream.dscp).toEqual(isHep ? [] : [46]);
      expect(stream.ttl).toEqual(isHep ? [] : [64]);
    }
    const { tlsConnections, tlsDecrypted, sipTlsSuspected, tlsElsewhere } = wrapped.account.encrypted;
    const isTls = ['tls', 'wss'].includes(wrapping.call.transport ?? '');
    expect([tlsConnections, tlsDecrypted, sipTlsSuspected, tlsElsewhere]).toEqual(
      isTls ? [3, 3, 0, 0] : [0, 0, 0, 0],
    );
  });
});

test('calls over TLS without keys are media without signalling, and that is said', () => {
  const { pcap } = buildScenario(
    { ...CALLS, calls: CALLS.calls.map((spec) => ({ ...spec, transport: 'tls' })) },
    { secrets: 'beside' },
  );
  const { calls, streams, account } = replayFile(pcap);
  expect(calls).toEqual([]);
  expect(streams).toHaveLength(4);
  expect(account.encrypted).toMatchObject({ tlsConnections: 3, tlsDecrypted: 0, sipTlsSuspected: 3 });
});

test('any call gives the same report in any wrapping', () => {
  const outcome: fc.Arbitrary<Outcome> = fc.constantFrom(
    'answered',
    'open',
    'busy',
    'canceled',
    'no_answer',
    'ringing',
    'not_found',
  );
  const call = fc.record({
    outcome,
    startMs: fc.integer({ min: 20, max: 500 }),
    durationMs: fc.integer({ min: 300, max: 1500 }),
    codec: fc.constantFrom('PCMU', 'PCMA', 'G722', 'opus'),
    earlyMedia: fc.boolean(),
    lateSdp: fc.boolean(),
    callId: fc.constantFrom('short@x', `${'long'.repeat(500)}@x`, 'other@x'),
  });
  const scenario = fc.record({
    seed: fc.nat(1000),
    ipv6: fc.boolean(),
    vlans: fc.constantFrom<number[][]>([], [7], [8, 9]),
    calls: fc.uniqueArray(call, { minLength: 1, maxLength: 3, selector: ({ callId }) => callId }),
  });
  fc.assert(
    fc.property(scenario, fc.constantFrom(...WRAPPINGS), (built, wrapping) => {
      const plain = inWrapping(built, { name: 'UDP', call: {} });
      expect(essenceOf(inWrapping(built, wrapping))).toEqual(essenceOf(plain));
    }),
    { numRuns: 25 },
  );
}, 60_000);
