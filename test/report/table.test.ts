import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { NOT_KEPT } from '../../src/records/not-kept.ts';
import { COLOURED } from '../../src/report/paint.ts';
import { RecordStore } from '../../src/report/record-store.ts';
import type { Report } from '../../src/report/report.ts';
import { select } from '../../src/report/selection.ts';
import { renderTable, type TableOptions } from '../../src/report/table.ts';
import { displayWidth } from '../../src/report/terminal-text.ts';
import { call, capture, finding, quality, START_US, stream } from './records.ts';

function report(records: RecordStore, changes: Partial<Report> = {}): Report {
  return { tool: { name: 'earshot', version: '0.1.0' }, capture: capture(), records, ...changes };
}

function lines(shown: Report, options: TableOptions = {}): string[] {
  const all = [...renderTable(shown, options)];
  for (const line of all) expect(line.endsWith('\n')).toBe(true);
  return all.join('').slice(0, -1).split('\n');
}

const NO_SETUP = {
  postDialDelayMs: null,
  answerDelayMs: null,
  mediaDelayMs: { callerToCallee: null, calleeToCaller: null },
};

/** A bad call, a failed one, a healthy one, and a stream of no call. */
function mixed(): RecordStore {
  const records = new RecordStore();
  const back = { direction: 'calleeToCaller', src: { ip: '192.0.2.7', port: 5002 } } as const;
  const good = quality({ rFactor: 91.1, mosLq: 4.41, mosCq: 4.38 });
  records.call(call({ id: 'c1', callId: 'good', verdict: 'healthy', streams: ['s1'] }));
  records.stream(stream({ id: 's1', callId: 'good', lost: 0, lostRatio: 0, packets: 750, quality: good }));
  records.call(call({ id: 'c2', callId: 'bad', streams: ['s2', 's3'], startUs: START_US + 1e6 }));
  records.stream(stream({ id: 's2', callId: 'bad' }));
  records.stream(stream({ id: 's3', callId: 'bad', ...back, lost: 1, lostRatio: 1 / 750, quality: good }));
  for (const code of ['high_jitter', 'dscp_changed', 'clock_drift']) {
    records.finding(
      finding({
        code,
        callId: 'bad',
        streamId: 's3',
        severity: 'info',
        text: `about ${code}`,
        direction: null,
      }),
    );
  }
  records.finding(finding({ callId: 'bad', streamId: 's2' }));
  records.call(
    call({
      id: 'c3',
      callId: 'failed',
      state: 'failed',
      finalCode: 503,
      verdict: 'signalling',
      durationMs: 340,
      setup: NO_SETUP,
      streams: [],
    }),
  );
  records.stream(
    stream({
      id: 's4',
      callId: null,
      direction: null,
      codec: null,
      payloadTypes: [97],
      quality: null,
      src: { ip: '2001:db8:85a3::8a2e:370:7334', port: 40000 },
    }),
  );
  records.finding(
    finding({
      callId: null,
      streamId: null,
      code: 'shared_onset',
      severity: 'warning',
      text: '4 streams became bad',
      direction: null,
    }),
  );
  return records;
}

describe('renderTable', () => {
  it('says everything that matters, worst on top', () => {
    expect(lines(report(mixed()))).toEqual(EXPECTED);
  });

  it('says why a capture is not to be trusted, and what could not be decoded', () => {
    const reasons = [{ code: 'kernel_drops', text: 'the kernel dropped 120 packets' }];
    const discarded = { not_ip: 9, a: 1, b: 2000, c: 3, d: 4, e: 5, zero: 0 };
    const bad = capture({ trust: { verdict: 'untrusted', reasons }, discarded });
    const shown = lines(report(new RecordStore(), { capture: bad }));
    expect(shown[0]).toMatch(/12,345 packets, capture UNTRUSTED$/);
    expect(shown[1]).toBe('  the kernel dropped 120 packets [kernel_drops]');
    expect(shown[2]).toBe('  not decoded: 2,000 b, 5 e, 4 d, 3 c, +1 more reasons');
    expect(shown[3]).toBe('no calls; no RTP streams');
    const { sip, rtp, rtcp, t38 } = bad.decoded;
    expect(shown[4]).toBe(
      `of 12,345 packets: ${sip} SIP, ${rtp.toLocaleString('en')} RTP, ${rtcp} RTCP, ${t38} T.38`,
    );
  });

  it('says what found no room, and what that means for the reader', () => {
    const discarded = { not_ip: 9, comparison_table_full: 17_952, truncated_ip_header: 3 };
    const shown = lines(report(new RecordStore(), { capture: capture({ discarded }) }), { columns: 100 });
    expect(shown.slice(1, 5)).toEqual([
      '  not decoded: 3 truncated_ip_header',
      '  not kept: 17,952 values to compare calls and streams by: what several of them have in common (a',
      '  mirror port, a clock, a moment) may not be noticed [comparison_table_full]',
      'no calls; no RTP streams',
    ]);
    const names = Object.keys(NOT_KEPT).map((name) => [name, 1]);
    const full = capture({ discarded: Object.fromEntries(names) });
    const kept = lines(report(new RecordStore(), { capture: full })).filter((line) => /not kept/.test(line));
    expect(kept).toHaveLength(5);
    expect(kept[0]).toContain('[call_table_full]');
    expect(kept[4]).toBe(`  not kept: +${names.length - 4} more reasons`);
  });

  it('shows the worst of many and says so', () => {
    const records = new RecordStore();
    for (let i = 1; i <= 60; i++) {
      records.call(
        call({ id: `c${i}`, callId: `k${i}`, verdict: i === 60 ? 'both' : 'healthy', streams: [`s${i}`] }),
      );
      records.stream(
        stream({ id: `s${i}`, callId: `k${i}`, quality: quality({ rFactor: i === 59 ? 10 : 90 }) }),
      );
    }
    const shown = lines(report(records), { calls: 3, streams: 2 });
    expect(shown).toContain('CALLS, the worst 3 of 60');
    expect(shown).toContain('STREAMS, the worst 2 of 60');
    const rows = shown.filter((line) => /^(both|healthy) /.test(line)).map((line) => line.split(/ +/)[1]);
    expect(rows).toEqual(['c60', 'c59', 'c1']);
  });

  it('does not let a flood of one finding hide the others that belong to no call', () => {
    const records = mixed();
    const loose = { callId: null, streamId: null, direction: null, severity: 'warning' } as const;
    for (let i = 0; i < 40; i++)
      records.finding(finding({ ...loose, code: 'registration_failed', text: `device ${i}` }));
    records.finding(finding({ ...loose, code: 'registration_lost', text: 'one device' }));
    const shown = lines(report(records)).filter((line) => /registration|shared_onset/.test(line));
    expect(shown).toHaveLength(1 + 6 + 1 + 1);
    expect(shown.at(-2)).toContain('one device [registration_lost]');
    expect(shown.at(-1)).toBe('    +34 more [registration_failed]');
  });

  it('shows what explains others first, though it is information only', () => {
    const records = mixed();
    const loose = { callId: null, streamId: null, direction: null } as const;
    const code = 'registration_failed';
    for (let i = 0; i < 40; i++)
      records.finding(finding({ ...loose, code, severity: 'warning', text: `device ${i}` }));
    const evidence = { bruteForce: true, source: '198.51.100.7' };
    records.finding(finding({ ...loose, code, severity: 'info', text: 'it looks like guessing', evidence }));
    const shown = lines(report(records)).filter((line) => line.includes(code));
    expect(shown).toHaveLength(1 + 6 + 1);
    expect(shown[0]).toContain('info: it looks like guessing');
    expect(shown.at(-1)).toBe('    +34 more [registration_failed]');
  });

  it('says when a finding of a call was, unless it was all of it', () => {
    const records = new RecordStore();
    records.call(call());
    records.finding(finding());
    records.finding(finding({ text: 'some loss', startUs: START_US + 9e6, endUs: START_US + 11e6 }));
    const found = lines(report(records)).filter((line) => line.includes('[burst_loss]'));
    expect(found[0]).toMatch(/^ {4}critical: caller to callee: 6\.7 % /);
    expect(found[1]).toBe('    critical: caller to callee, 03:04:14.123 for 2.0 s: some loss [burst_loss]');
  });

  it('counts only what was selected', () => {
    const records = mixed();
    const shown = lines(report(records, { selection: select(records, { call: 1 }) }));
    expect(shown[2]).toBe(
      'of 3 calls and 4 streams, 1 call: 1 bad media; 2 streams, worst R 78.8 (MOS 4.0), 51 packets lost (3.4 %)',
    );
    expect(shown.some((line) => line.includes('no call  '))).toBe(false);
  });

  it('fits any terminal, and says what it left out', () => {
    const records = mixed();
    records.call(
      call({
        id: 'c9',
        callId: 'wide',
        from: '日本語の名前です日本語の名前です',
        to: 'sip:'.padEnd(80, 'x'),
      }),
    );
    for (let columns = 80; columns <= 220; columns += 7) {
      const shown = lines(report(records), { columns });
      for (const line of shown)
        expect(displayWidth(line), `${columns}: ${line}`).toBeLessThanOrEqual(columns);
    }
    const narrow = lines(report(records), { columns: 80 });
    expect(narrow.some((line) => line.startsWith('(left out at this width: start s, '))).toBe(true);
    expect(narrow.some((line) => line.includes('日') && line.includes('…'))).toBe(true);
  });

  it('cuts nothing when there is no terminal', () => {
    const shown = lines(report(mixed()), { columns: 0 }).join('\n');
    expect(shown).toContain('2001:db8:85a3::8a2e:370:7334');
    expect(shown).not.toContain('…');
  });

  it('lines up numbers on the right whatever the width of the names', () => {
    const records = mixed();
    records.call(
      call({ id: 'c4', callId: 'w', from: '日本', to: 'Jürgen', verdict: 'healthy', streams: [] }),
    );
    const shown = lines(report(records));
    const rows = shown.filter((line) => /^(media|healthy|signalling) /.test(line));
    const ends = rows.map((line) => displayWidth(line.slice(0, line.search(/ (20\.0|0\.3) /) + 5).trimEnd()));
    expect(new Set(ends).size).toBe(1);
  });

  it('marks scores that rest on too few packets', () => {
    const records = new RecordStore();
    records.stream(stream({ callId: null, expected: 30 }));
    const shown = lines(report(records));
    expect(shown.some((line) => line.includes('78.8*'))).toBe(true);
    expect(shown.at(-1)).toBe('* fewer than 250 packets were due: too few to judge by');
    expect(shown[2]).toContain('none is long enough to judge by');

    const unscored = new RecordStore();
    unscored.stream(stream({ callId: null, quality: null, noScore: 'codec not known' }));
    expect(lines(report(unscored))[2]).toContain('none can be scored');
  });

  it('never lets the wire write to the terminal', () => {
    const hostile = '\x1b[2Jevil\u202e\r\n\x9b31m';
    const records = new RecordStore();
    records.call(call({ callId: hostile, from: hostile, to: hostile }));
    records.stream(stream({ callId: hostile, codec: hostile }));
    records.finding(finding({ callId: hostile, text: hostile }));
    records.finding(finding({ callId: null, streamId: null, text: hostile }));
    const trust = { verdict: 'degraded' as const, reasons: [{ code: 'x', text: hostile }] };
    const file = { path: hostile, format: 'pcap', linkTypes: [], packets: 1, bytes: 1 };
    for (const columns of [0, 90]) {
      const shown = [
        ...renderTable(report(records, { capture: capture({ trust, files: [file] }) }), { columns }),
      ].join('');
      expect(shown).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
      expect(shown).toContain('\\x1b[2Jevil');
    }
  });

  it('colours only what words say already', () => {
    const records = mixed();
    const plain = [...renderTable(report(records), { columns: 120 })].join('');
    const coloured = [...renderTable(report(records), { columns: 120, paint: COLOURED })].join('');
    expect(coloured).toContain('\x1b[31mmedia');
    expect(stripVTControlCharacters(coloured).replace(/ +$/gm, '')).toBe(plain);
  });
});

const EXPECTED = [
  'demo.pcap: 2026-01-02 03:04:05.123 to 03:09:05.123 UTC (5 min 0 s), 12,345 packets, capture trusted',
  '  not decoded: 2 ip_fragment',
  '3 calls: 1 healthy, 1 bad media, 1 failed; 4 streams (1 of no call), worst R 78.8 (MOS 4.0), 101 packets lost (3.4 %)',
  '',
  'CALLS, worst first',
  '                                                                    to callee     to caller',
  'verdict     id  start (UTC)   from   to   state       dur s  PDD s  loss %     R  loss %     R',
  'media       c2  03:04:06.123  alice  bob  answered     20.0   0.81     6.7  78.8    0.13  91.1',
  '    critical: caller to callee: 6.7 % of packets lost in bursts: up to 7 in a row [burst_loss]',
  '    info: about high_jitter [high_jitter]',
  '    info: about dscp_changed [dscp_changed]',
  '    +1 more',
  'signalling  c3  03:04:05.123  alice  bob  failed 503    0.3      -       -     -       -     -',
  'healthy     c1  03:04:05.123  alice  bob  answered     20.0   0.81     0.0  91.1       -     -',
  '',
  'STREAMS, worst first',
  '                 src                                  dst                                                                   jitter ms',
  'start s   end s  ip                             port  ip         port  SSRC        payload  pkts        lost  max delta ms  mean  max  p95  longest loss     R  MOS-LQ  MOS-CQ  call          id',
  '  4.200  19.180  10.0.0.1                       4000  192.0.2.7  5002  0x1a2b3c4d  PCMU      700  50 (6.7 %)         120.5   1.5  5.5  3.1             7  78.8    4.05    3.97  c2 to callee  s2',
  '  4.200  19.180  192.0.2.7                      5002  192.0.2.7  5002  0x1a2b3c4d  PCMU      700  1 (0.13 %)         120.5   1.5  5.5  3.1             7  91.1    4.41    4.38  c2 to caller  s3',
  '  4.200  19.180  10.0.0.1                       4000  192.0.2.7  5002  0x1a2b3c4d  PCMU      750   0 (0.0 %)         120.5   1.5  5.5  3.1             7  91.1    4.41    4.38  c1 to callee  s1',
  '  4.200  19.180  2001:db8:85a3::8a2e:370:7334  40000  192.0.2.7  5002  0x1a2b3c4d  pt 97     700  50 (6.7 %)         120.5   1.5  5.5  3.1             7     -       -       -  no call       s4',
  '',
  'OTHER FINDINGS, 1 finding of no call',
  '    03:04:09.323 warning: 4 streams became bad [shared_onset]',
  '',
  'scores assume: model G.107 (NB); concealment (PLC) on; delay 100 ms assumed; playout fixed50',
  'R and MOS-CQ include delay, MOS-LQ does not; times in STREAMS count from the first packet',
];
