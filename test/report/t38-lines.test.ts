import { expect, test } from 'vitest';
import type { T38Record } from '../../src/records/t38-record.ts';
import { reportedCall } from '../../src/report/reported.ts';
import { t38Lines } from '../../src/report/t38-lines.ts';
import { call, START_US } from './records.ts';

const fax: T38Record = {
  src: { ip: '192.0.2.10', port: 16_384 },
  dst: { ip: '203.0.113.10', port: 32_768 },
  startUs: START_US + 5e6,
  endUs: START_US + 17.4e6,
  packets: 297,
  expected: 300,
  lost: 3,
  lostRatio: 0.01,
  recovered: 2,
  unrecovered: 1,
  unrecoveredRatio: 1 / 300,
  unrecoveredInPage: 1,
  pagePackets: 270,
  longestLossRun: 2,
  longestUnrecoveredRun: 1,
  duplicates: 0,
  reordered: 4,
  restarts: 0,
  cutPackets: 0,
  errorCorrection: 'redundancy',
  redundancyDepth: 1,
  fecSpan: 0,
  holes: [{ fromUs: START_US + 9e6, toUs: START_US + 9.08e6 }],
};

test('a fax, direction by direction', () => {
  const shown = reportedCall(call({ t38: { callerToCallee: fax, calleeToCaller: null } }));
  expect([...t38Lines(shown, {})]).toEqual([
    '',
    'CALLER TO CALLEE  T.38 fax',
    '  path        192.0.2.10:16384 to 203.0.113.10:32768',
    '  packets     297 packets, 2 made good (270 of all these of pages), 03:04:10.123 to 03:04:22.523, 12.4 s',
    '  loss        3 of 300 lost: 2 made good, 1 not (1 in a page), longest run 2',
    '  protection  redundancy, 1 earlier packet in each',
    '  order       0 duplicates, 4 reordered, 0 restarts',
  ]);
  expect(shown.t38).toMatchObject({
    callerToCallee: { startTime: '2026-01-02T03:04:10.123456Z', unrecoveredRatio: 0.003333, unrecovered: 1 },
    calleeToCaller: null,
  });
});

test('no fax, no line', () => {
  const shown = reportedCall(call());
  expect([...t38Lines(shown, {})]).toEqual([]);
  expect(shown.t38).toBeNull();
});
