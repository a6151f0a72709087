import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { buildScenario } from '../../src/synth/build.ts';
import { build, DEMO, earshot, Folder } from './earshot.ts';

const RULES = `
rules:
  - name: LossHigh
    summary: Packets are lost.
    signal: interval.lossRatio
    measure: p95
    above: 0.03
    clear: 0.01
    window: 1m
    for: 10s
    minSamples: 10
    minCalls: 2
  - name: MosLow
    summary: Listeners notice.
    signal: interval.mosLq
    measure: p05
    below: 3.1
    window: 1m
    minSamples: 100
`;

const folder = new Folder();
let capture = '';

beforeAll(() => {
  build();
  const loss = { kind: 'gilbert', p: 0.05, q: 0.3 } as const;
  const calls = ['a', 'b', 'c'].map((name, i) => ({
    callId: `${name}@example.com`,
    startMs: i * 50,
    durationMs: 120_000,
    caller: { user: `+493012345${i}`, ip: `192.0.2.${11 + i}` },
    callee: { ip: '203.0.113.20', rtpPort: 30_000 + 4 * i },
    calleeToCaller: { loss },
  }));
  capture = folder.write('lossy.pcap', buildScenario({ calls }).pcap);
}, 60_000);
afterAll(() => folder.remove());

describe('earshot replay --rules', () => {
  test('does not say that the first look at a capture was held back', () => {
    const rules = folder.write(
      'silent.yaml',
      'rules:\n  - { name: CaptureSilent, summary: s, signal: capture.packets, measure: count, below: 1, window: 5m, minSamples: 20 }\n',
    );
    const { code, stdout } = earshot(['replay', capture, '--rules', rules]);
    expect(code).toBe(0);
    expect(stdout).toContain('ALERTS, none');
    expect(stdout).not.toContain('held back');
  });

  test('does not take a pause in a capture for a probe that died', () => {
    const rules = folder.write(
      'alive.yaml',
      'rules:\n  - { name: ProbeDown, summary: s, signal: probe.status, measure: absence, window: 1m }\n',
    );
    const paused = { calls: [{ startMs: 0, durationMs: 60_000 }], untilMs: 600_000 };
    const file = folder.write('paused.pcap', buildScenario(paused).pcap);
    const { code, stdout } = earshot(['replay', file, '--rules', rules, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).alerts).toEqual([]);
  });

  test('says which alerts a capture would have raised, when, and which were held back', () => {
    const rules = folder.write('rules.yaml', RULES);
    const { code, stdout } = earshot(['replay', capture, '--rules', rules, '--json']);
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.alerts).toHaveLength(1);
    expect(report.alerts[0]).toMatchObject({
      rule: 'LossHigh',
      severity: 'warning',
      state: 'firing',
      threshold: 0.03,
      calls: 3,
      driver: { name: 'loss' },
      runbook: 'docs/runbooks/loss-high.md',
    });
    expect(report.alerts[0].worst).toHaveLength(3);
    expect(Date.parse(report.alerts[0].startTime) - Date.parse(report.alerts[0].sinceTime)).toBe(10_000);
    const held = report.alertsHeldBack.map(({ rule, reason }: Record<string, string>) => `${rule} ${reason}`);
    expect(held).toContain('MosLow too_few_samples');
    expect(earshot(['replay', capture, '--rules', rules, '--json']).stdout).toBe(stdout);
  });

  test('changes nothing else in the report', () => {
    const rules = folder.write('rules.yaml', RULES);
    const plain = JSON.parse(earshot(['replay', capture, '--json']).stdout);
    const { alerts, alertsHeldBack, alertsPending, ...rest } = JSON.parse(
      earshot(['replay', capture, '--rules', rules, '--json']).stdout,
    );
    expect(rest).toEqual(plain);
    expect([alerts.length, alertsHeldBack.length > 0, alertsPending.length]).toEqual([1, true, 0]);
  });

  test('shows them above the findings, in a line each', () => {
    const rules = folder.write('rules.yaml', RULES);
    const { stdout } = earshot(['replay', capture, '--rules', rules]);
    expect(stdout).toContain('ALERTS, 1 alert');
    expect(stdout).toMatch(/still firing at the end: warning LossHigh: p95 of interval\.lossRatio is \d+/);
  });

  test('refuses rules that are wrong, with the place', () => {
    const rules = folder.write('wrong.yaml', RULES.replace('clear: 0.01', 'clear: 0.05'));
    const { code, stderr } = earshot(['replay', capture, '--rules', rules]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      `${rules}:8:12: rules[0].clear: expected at most 0.03, the value above which it fires, got "0.05"`,
    );
  });
});

describe('earshot rules', () => {
  test('check tells everything that is wrong, or that all is well', () => {
    const good = folder.write('rules.yaml', RULES);
    expect(earshot(['rules', 'check', good])).toMatchObject({ code: 0, stdout: `${good}: valid, 2 rules\n` });
    const bad = folder.write('bad.yaml', RULES.replace('p05', 'p95').replace('p95', 'p96x'));
    const { code, stderr } = earshot(['rules', 'check', bad]);
    expect(code).toBe(2);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    const json = JSON.parse(earshot(['rules', 'check', bad, '--json']).stdout);
    expect(json.problems[0]).toMatchObject({ line: 6, path: 'rules[0].measure' });
  });

  test('tune says how often a rule would have fired, against what is known to have happened', () => {
    const rules = folder.write('rules.yaml', RULES);
    const incidents = folder.write(
      'known.yaml',
      `incidents:
  - { name: link, start: 2026-03-02T09:00:00Z, end: 2026-03-02T09:02:00Z }
  - { name: another day, start: 2026-03-05T09:00:00Z, end: 2026-03-05T09:02:00Z }
`,
    );
    const args = ['rules', 'tune', rules, '--rule', 'LossHigh', '--on', capture, '--incidents', incidents];
    const { code, stdout } = earshot([...args, '--at', '0.03,0.9', '--json']);
    expect(code).toBe(0);
    const [now, high] = JSON.parse(stdout);
    expect(now).toMatchObject({ threshold: 0.03, isPresent: true, firings: 1, falseAlarms: [] });
    expect(now.hits.map(({ name }: { name: string }) => name)).toEqual(['link']);
    expect(now.beyond.map(({ name }: { name: string }) => name)).toEqual(['another day']);
    expect(high).toMatchObject({ firings: 0, hits: [] });
    // What lies beyond the capture cannot be missed in it.
    expect(earshot(args).stdout).toMatch(/LossHigh {2}0\.03 \(now\) {2}1 {6}1 {4}0 /);
  });

  test('test takes what earshot live wrote, too', () => {
    const rules = folder.write('rules.yaml', RULES);
    const start = Date.parse('2026-03-02T10:00:00Z');
    const time = (s: number): string => new Date(start + s * 1000).toISOString().replace('Z', '000Z');
    const lines = Array.from({ length: 30 }, (_, i) => [
      ...['x', 'y'].map((callId) => ({
        type: 'interval',
        streamId: callId,
        callId,
        direction: null,
        codec: 'PCMU',
        src: { ip: '192.0.2.1', port: 1 },
        dst: { ip: '192.0.2.2', port: 1 },
        expected: 250,
        lost: 30,
        discarded: 0,
        jitterMs: 3,
        rFactor: 60,
        mosLq: 3,
        impairments: null,
      })),
      {
        type: 'status',
        time: time(i * 10),
        packets: i * 1000,
        dropped: 0,
        calls: 2,
        streams: 4,
        registrations: 0,
        lagMs: { measuring: 0, serving: 0 },
        records: { told: {}, dropped: {} },
        restarts: 0,
        sources: [],
        trust: { verdict: 'trusted', reasons: [] },
      },
    ]);
    const text = lines.flat().map((record) => `${JSON.stringify(record)}\n`);
    const history = folder.write('live.ndjson', text.join(''));
    const { code, stdout } = earshot(['rules', 'test', rules, '--on', history, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).alerts).toMatchObject([{ rule: 'LossHigh', calls: 2 }]);
  });

  test('records that say nothing of time are refused: no alerts of them would be no answer', () => {
    const rules = folder.write('rules.yaml', RULES);
    const told = folder.write('replayed.ndjson', earshot(['replay', DEMO, '--ndjson']).stdout);
    const { code, stdout, stderr } = earshot(['rules', 'test', rules, '--on', told]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/no status in them.*give --on the capture itself/);
  });

  test('where the capture pauses, an alert is not dated before what raised it', () => {
    const registrations = Array.from({ length: 12 }, (_, i) => ({
      ...{ user: `u${i}`, expiresS: 60 },
      events: [0, 30_000, 91_000, 151_000].map((atMs) => ({
        ...{ atMs: atMs + i * 100, kind: 'register' as const },
        answer: atMs === 0 ? 200 : 403,
      })),
    }));
    const { pcap } = buildScenario({ seed: 5, calls: [], registrations });
    const paused = folder.write('paused.pcap', pcap);
    const rules = folder.write(
      'lost.yaml',
      `rules:
  - { name: Lost, summary: s, signal: finding.registration_lost, measure: count, above: 10, window: 15m }
`,
    );
    const { alerts } = JSON.parse(earshot(['rules', 'test', rules, '--on', paused, '--json']).stdout);
    const lost = JSON.parse(earshot(['replay', paused, '--json']).stdout).findings.filter(
      ({ code }: { code: string }) => code === 'registration_lost',
    );
    expect([lost.length, alerts.length]).toEqual([12, 1]);
    for (const { startTime } of lost) expect(alerts[0].startTime > startTime).toBe(true);
  });

  test('a threshold in percent is refused where a part is meant', () => {
    const rules = folder.write('rules.yaml', RULES);
    const { code, stderr } = earshot([
      ...['rules', 'tune', rules, '--rule', 'LossHigh'],
      ...['--on', DEMO, '--at', '3'],
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain('expected 0.03 for 3 %');
    const wrong = folder.write('rules.yaml', RULES.replace('above: 0.03', 'above: 3'));
    expect(earshot(['rules', 'check', wrong]).stderr).toContain('expected 0.03 for 3 %');
  });

  test('export writes rules for Prometheus, and says what it leaves out', () => {
    const rules = folder.write('rules.yaml', RULES.replace('above: 0.03', 'above: 0.04'));
    const { code, stdout, stderr } = earshot(['rules', 'export', rules, '--prometheus']);
    expect(code).toBe(0);
    expect(stderr).toContain('LossHigh is left out: 0.04 is no bound of earshot_interval_loss_ratio');
    const { groups } = parse(stdout) as { groups: { rules: { alert?: string; expr: string }[] }[] };
    const alerts = groups[0]!.rules.filter(({ alert }) => alert !== undefined);
    expect(alerts.map(({ alert }) => alert)).toEqual(['MosLow']);
    expect(alerts[0]!.expr).toContain('>= 0.049999999');
  });

  test('export says where runbooks are, and that a path is no address', () => {
    const rules = folder.write('rules.yaml', RULES);
    const url = (stdout: string): unknown =>
      (
        parse(stdout) as { groups: { rules: { annotations?: { runbook_url: string } }[] }[] }
      ).groups[0]!.rules.find(({ annotations }) => annotations !== undefined)!.annotations!.runbook_url;
    const plain = earshot(['rules', 'export', rules, '--prometheus']);
    expect(url(plain.stdout)).toMatch(/^docs\/runbooks\/[a-z-]+\.md$/);
    expect(plain.stderr).toContain('--runbook-base');
    const based = earshot([
      ...['rules', 'export', rules, '--prometheus'],
      ...['--runbook-base', 'https://wiki.example/voice/'],
    ]);
    expect(url(based.stdout)).toMatch(/^https:\/\/wiki\.example\/voice\/[a-z-]+\.md$/);
    expect(based.stderr).not.toContain('--runbook-base');
  });

  test('signals lists what rules can watch', () => {
    const { stdout } = earshot(['rules', 'signals', '--json']);
    const names = JSON.parse(stdout).map(({ name }: { name: string }) => name);
    expect(names).toContain('interval.jitterMs');
    expect(names).toContain('finding.one_way_media');
    expect(new Set(names).size).toBe(names.length);
  });
});
