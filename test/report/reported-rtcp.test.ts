import { describe, expect, test } from 'vitest';
import { reportedEndpointReport, reportedRtcp } from '../../src/report/reported-rtcp.ts';
import { emptyNotes } from '../../src/rtcp/endpoint-notes.ts';
import { parseRtpStat } from '../../src/sip/rtp-stat.ts';
import { rtcp, START_US } from './records.ts';

describe('RTCP in the report', () => {
  test('values are rounded by what they are, times are ISO 8601', () => {
    const printed = reportedRtcp(
      rtcp({
        lossCompared: 1500,
        lossBeforeProbe: 0,
        lossBeforeProbeRatio: 0,
        lossAfterProbe: 45,
        lossAfterProbeRatio: 0.030000049,
        lossOnlyAtProbe: 0,
        worst: { startUs: START_US, durationMs: 5000.12345, expected: 250, lost: 9, lostAtProbe: null },
        senderRoundTripMs: { p50: 24.000015, p95: 25, max: 30.12345 },
        roundTripsDropped: { no_delay: 2 },
        srClockPpm: 12.34567,
        jitterMaxMs: 3.21098,
        fractionLostMax: 9 / 256,
      }),
    );
    expect(printed).toMatchObject({
      lossAfterProbe: 45,
      lossAfterProbeRatio: 0.03,
      worst: {
        startTime: '2026-01-02T03:04:05.123456Z',
        durationMs: 5000.123,
        expected: 250,
        lost: 9,
        lostAtProbe: null,
      },
      senderRoundTripMs: { p50: 24, p95: 25, max: 30.123 },
      roundTripsDropped: { no_delay: 2 },
      srClockPpm: 12.346,
      jitterMaxMs: 3.211,
      fractionLostMax: 0.035156,
    });
    expect(printed.worst).not.toHaveProperty('startUs');
  });

  test('the endpoint view keeps its names; numbers are rounded by them, within a spread by its own', () => {
    const statistics = {
      beginSequence: 1,
      endSequence: 9,
      lost: 1,
      duplicates: null,
      jitterMs: { min: 0.123456, max: 10.00049, mean: 1, deviation: 0 },
      ttl: null,
    };
    const delay = {
      span: 'interval' as const,
      roundTripMeanMs: 100.00061,
      roundTripMinMs: null,
      roundTripMaxMs: 1,
      endSystemDelayMs: 0,
    };
    const { endpoint } = reportedRtcp(rtcp({ endpoint: { ...emptyNotes(), statistics, delay } }));
    expect(endpoint).toMatchObject({
      voipMetrics: null,
      statistics: { ...statistics, jitterMs: { min: 0.123, max: 10, mean: 1, deviation: 0 } },
      delay: { span: 'interval', roundTripMeanMs: 100.001, roundTripMinMs: null },
      discards: [],
    });
  });

  test('what an endpoint reports in SIP', () => {
    const stat = parseRtpStat('x-rtp-stat', 'PS=5;JI=1.23456;DU=2')!;
    const printed = reportedEndpointReport({ timeUs: START_US, reporter: 'callee', ...stat });
    expect(printed).toMatchObject({
      time: '2026-01-02T03:04:05.123456Z',
      reporter: 'callee',
      source: 'x-rtp-stat',
      packetsSent: 5,
      jitterMs: 1.235,
      durationMs: 2000,
      fields: { PS: '5', JI: '1.23456', DU: '2' },
    });
    expect(printed).not.toHaveProperty('timeUs');
  });
});
