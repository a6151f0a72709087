import { describe, expect, test } from 'vitest';
import { callLine, closingLine, findingLine, standingLine } from '../../src/report/live-lines.ts';
import { COLOURED } from '../../src/report/paint.ts';
import { reportedCall, reportedCapture, reportedFinding } from '../../src/report/reported.ts';
import { call, capture, finding, START_US, signalling } from './records.ts';

describe('lines of a live probe', () => {
  test('a call: verdict, who, when, and what was found, the gravest first', () => {
    const ended = reportedCall(
      call({
        id: 'c4',
        from: 'sip:dave@example.com',
        to: 'sip:5550144@example.com',
        verdict: 'media',
        durationMs: 16_700,
        state: 'answered',
        finalCode: 200,
        heldBack: [{ code: 'random_loss', streamId: 's1', direction: null, reason: 'capture_drops' }],
      }),
    );
    const found = [
      finding({ code: 'dscp_unmarked', severity: 'info', text: 'not marked', direction: null }),
      finding({
        code: 'high_jitter',
        severity: 'warning',
        text: 'jitter 30 ms',
        direction: 'callerToCallee',
        startUs: START_US + 9e6,
        endUs: START_US + 12e6,
      }),
      finding({ code: 'one_way_media', severity: 'critical', text: 'no audio', direction: 'calleeToCaller' }),
    ].map(reportedFinding);
    expect(callLine(ended, found)).toBe(
      '2026-01-02 03:04:05.123 media c4 sip:dave@example.com -> sip:5550144@example.com answered 16.7 s: ' +
        'callee to caller: no audio [one_way_media]; caller to callee, 03:04:14.123 for 3.0 s: jitter 30 ms [high_jitter]; ' +
        'held back, since the capture may be the cause (capture_drops): random_loss\n',
    );
  });

  test('a call of a scan says why nothing is told of it', () => {
    const heldBack = [{ code: 'setup_failed', streamId: null, direction: null, reason: 'sip_scan' }];
    const ended = call({ verdict: 'healthy', state: 'failed', finalCode: 404, heldBack });
    expect(callLine(reportedCall(ended), [])).toContain(
      'held back, since the call is part of a scan (sip_scan): setup_failed',
    );
  });

  test('a failed call has its code, a healthy one nothing to say, and colours are for terminals', () => {
    const failed = reportedCall(call({ verdict: 'signalling', state: 'failed', finalCode: 503 }));
    expect(callLine(failed, [])).toMatch(/ signalling c1 .* failed 503 [\d.]+ s\n$/);
    const healthy = reportedCall(call({ verdict: 'healthy' }));
    expect(callLine(healthy, [], { paint: COLOURED })).toContain('\x1b[32mhealthy\x1b[39m');
  });

  test('an emergency call says that it is one', () => {
    const emergency = { service: '112', location: true };
    const ended = reportedCall(call({ verdict: 'healthy', signalling: signalling({ emergency }) }));
    expect(callLine(ended, [])).toMatch(/: EMERGENCY CALL \(112, with location\)\n$/);
  });

  test('what came from the wire moves no cursor and breaks no line', () => {
    const ended = reportedCall(call({ from: 'sip:\x1b[2J\nx@y', to: null }));
    const line = callLine(ended, []);
    expect(line).toContain('sip:\\x1b[2J\\nx@y -> -');
    expect(line.split('\n')).toHaveLength(2);
  });

  test("a finding that is no call's", () => {
    const about = {
      callId: null,
      streamId: null,
      direction: null,
      text: 'lost 3 packets',
      code: 'capture_drops',
    };
    expect(findingLine(reportedFinding(finding({ ...about, severity: 'warning' })))).toBe(
      '2026-01-02 03:04:09.323 warning: lost 3 packets [capture_drops]\n',
    );
    const party = reportedFinding(finding({ ...about, severity: 'critical', party: 'sip:a@x' }));
    expect(findingLine(party)).toContain(' critical sip:a@x: ');
    const stray = reportedFinding(finding({ ...about, severity: 'info', streamId: 's9' }));
    expect(findingLine(stray)).toContain(' info s9: ');
  });

  test('where a probe stands', () => {
    const standing = {
      packets: 1_234_567,
      packetsPerSecond: 50_000,
      dropped: 12,
      calls: 1,
      streams: 2,
      restarts: 0,
      trust: { verdict: 'degraded' as const },
    };
    expect(standingLine(standing)).toBe(
      '1 call, 2 streams; 1,234,567 packets (50,000/s); 12 dropped (0.0010 %); capture DEGRADED',
    );
    expect(standingLine({ ...standing, dropped: null, restarts: 2, trust: { verdict: 'trusted' } })).toBe(
      '1 call, 2 streams; 1,234,567 packets (50,000/s); drops not known; capture trusted; started again 2 times',
    );
  });

  test('the closing account', () => {
    const trust = {
      verdict: 'untrusted' as const,
      reasons: [{ code: 'capture_drops', text: 'lost 655 itself' }],
    };
    const closing = { ...reportedCapture(capture({ trust })), dropped: 655 };
    expect(closingLine(closing, 8, 3, 600_000)).toBe(
      '10 min 0 s: 12,345 packets, 655 dropped (5.0 %); 8 calls, 3 not healthy; capture UNTRUSTED: lost 655 itself\n',
    );
  });
});
