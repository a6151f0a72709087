import type { CallSpec, Scenario } from '../../src/synth/scenario.ts';
import type { FindingCase } from './case.ts';

/** Every n-th packet of a direction, for twenty seconds of packets of 20 ms. */
const every = (n: number): number[] => Array.from({ length: Math.floor(990 / n) }, (_, i) => 5 + i * n);

/** A call whose packets the mirror shows twice, each n-th of them. */
function copied(codec: string, n: number): CallSpec {
  const duplicate = { positions: every(n), afterMs: 0.4, mirror: true };
  return {
    startMs: 0,
    durationMs: 20_000,
    codec,
    callerToCallee: { duplicate },
    calleeToCaller: { duplicate },
  };
}

const plain = (codec: string): Scenario => ({ calls: [{ startMs: 0, durationMs: 20_000, codec }] });

/** What the mirror copied. Copies of the sender's are duplicates of the stream and no fault of the capture. */
const COPIED: FindingCase[] = [
  { name: 'each packet copied', scenario: { calls: [copied('PCMU', 1)] }, expected: ['capture_duplicates'] },
  {
    name: 'each packet copied, IPv6',
    scenario: { ipv6: true, calls: [copied('G722', 1)] },
    expected: ['capture_duplicates'],
  },
  {
    name: 'every second packet copied, in a VLAN',
    scenario: { vlans: [12], calls: [copied('PCMA', 2)] },
    expected: ['capture_duplicates'],
  },
  {
    name: 'every third packet copied, G.729',
    scenario: { calls: [copied('G729', 3)] },
    expected: ['capture_duplicates'],
  },
  {
    name: 'one packet in fifty copied: of no account',
    scenario: { calls: [copied('PCMU', 50)] },
    expected: [],
  },
];

/** What the capturing machine says it lost itself (pcapng's `isb_ifdrop`, a ring's statistics). */
const DROPPED: FindingCase[] = [
  { name: 'a few packets dropped', scenario: plain('PCMU'), dropped: 3, expected: ['capture_drops'] },
  {
    name: 'a hundred packets dropped, IPv6',
    scenario: { ...plain('G722'), ipv6: true },
    dropped: 100,
    expected: ['capture_drops'],
  },
  {
    name: 'half of all packets dropped',
    scenario: plain('G729'),
    dropped: 2000,
    expected: ['capture_drops'],
  },
  { name: 'none dropped, and it says so', scenario: plain('opus'), dropped: 0, expected: [] },
];

export const CAPTURE_CASES: readonly FindingCase[] = [...COPIED, ...DROPPED];
