import type { CallSpec } from '../../src/synth/scenario.ts';
import type { FindingCase } from './case.ts';
import { ALL, AMR, G722, OPUS6, PCMA6, PCMU, SOME, streamCases } from './settings.ts';

const CALL: CallSpec = { durationMs: 60_000 };
const AT = { atMs: 25_000 };

/** Where packets come along, and how they are marked. */
export const PATH_CASES: FindingCase[] = [
  ...streamCases('three hops more', ['path_change'], ALL, { pathChange: { ...AT, ttl: 61 } }, CALL),
  ...streamCases(
    'one hop less and 30 ms less',
    ['path_change'],
    SOME,
    { baseDelayMs: 40, pathChange: { ...AT, ttl: 65, delayMs: -30 } },
    CALL,
  ),
  ...[12, 30, 120].flatMap((delayMs) =>
    streamCases(
      `${delayMs} ms more from then on`,
      ['path_change'],
      SOME,
      { pathChange: { ...AT, delayMs } },
      CALL,
    ),
  ),
  ...streamCases(
    '25 ms more under jitter',
    ['path_change'],
    SOME,
    { jitter: { kind: 'gauss', sigmaMs: 3 }, pathChange: { ...AT, delayMs: 25 } },
    CALL,
  ),
  ...streamCases(
    '30 ms more after 12 s',
    ['path_change'],
    SOME,
    { pathChange: { atMs: 12_000, delayMs: 30 } },
    CALL,
  ),
  ...[6500, 47_000].flatMap((atMs) =>
    streamCases(
      `40 ms more from ${atMs} ms on, of 60 s`,
      ['path_change'],
      ALL,
      { pathChange: { atMs, delayMs: 40 } },
      CALL,
    ),
  ),
  ...[6500, 47_000].flatMap((atMs) =>
    streamCases(
      `60 ms less from ${atMs} ms on, under jitter`,
      ['path_change'],
      SOME,
      { baseDelayMs: 80, jitter: { kind: 'gauss', sigmaMs: 2 }, pathChange: { atMs, delayMs: -60 } },
      CALL,
    ),
  ),
  ...streamCases(
    '40 ms more under jitter of 12 ms',
    ['path_change'],
    [PCMU, PCMA6],
    { jitter: { kind: 'gauss', sigmaMs: 12 }, pathChange: { ...AT, delayMs: 40 } },
    CALL,
  ),
  ...[3, 7].flatMap((delayMs) =>
    streamCases(`${delayMs} ms more from then on`, [], SOME, { pathChange: { ...AT, delayMs } }, CALL),
  ),
  ...streamCases('not marked at all', ['dscp_unmarked'], ALL, { dscp: 0 }),
  ...[26, 34, 40].flatMap((dscp) =>
    streamCases(`marked ${dscp}`, ['dscp_unmarked'], [PCMU, PCMA6, OPUS6], { dscp }),
  ),
  ...[44, 46].flatMap((dscp) => streamCases(`marked ${dscp}`, [], [PCMU, PCMA6, OPUS6], { dscp })),
  ...streamCases(
    'marked down on the way',
    ['dscp_changed'],
    SOME,
    { pathChange: { atMs: 35_000, dscp: 0 } },
    CALL,
  ),
  ...streamCases(
    'marked down early on',
    ['dscp_changed', 'dscp_unmarked'],
    [PCMU, OPUS6],
    { pathChange: { atMs: 10_000, dscp: 8 } },
    CALL,
  ),
  ...streamCases(
    'another way and another marking',
    ['dscp_changed', 'path_change'],
    [PCMU, PCMA6, AMR, G722],
    { pathChange: { atMs: 35_000, dscp: 34, ttl: 58, delayMs: 18 } },
    CALL,
  ),
];
