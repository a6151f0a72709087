import { describe, expect, test } from 'vitest';
import { Evaluator } from '../../src/alerts/evaluator.ts';
import type { AlertInput } from '../../src/alerts/input.ts';
import {
  badInterval,
  call,
  Feed,
  finding,
  HOUR_US,
  interval,
  MINUTE_US,
  rules,
  SECOND_US,
  status,
} from './feed.ts';

const QUALITY = rules(`
rules:
  - name: Jitter
    summary: jitter
    signal: interval.jitterMs
    measure: p95
    above: 30
    clear: 20
    window: 5m
    for: 1m
    minSamples: 60
    minCalls: 3
  - name: MosLow
    summary: scores are low
    signal: interval.mosLq
    measure: p05
    below: 3.1
    clear: 3.6
    window: 5m
    minSamples: 60
    severity: critical
    pageIf: driver
  - name: CaptureDrops
    summary: the probe loses packets
    signal: capture.dropRatio
    measure: ratio
    above: 0.001
    window: 1m
    owner: probe
`);

/** Intervals of ten calls in ten seconds: two of each direction. */
function tenCalls(make: (callId: string) => AlertInput): AlertInput[] {
  return Array.from({ length: 40 }, (_, i) => make(`call-${i % 10}@example.com`));
}

const healthy = (): AlertInput[] => [status(), ...tenCalls((callId) => interval({ callId }))];
const bad = (): AlertInput[] => [status(), ...tenCalls((callId) => badInterval({ callId }))];

describe('traffic as it comes', () => {
  test('a single spike is silent', () => {
    const feed = new Feed(QUALITY);
    feed.run(10 * MINUTE_US, healthy);
    // One bad interval of every call in ten seconds: 3 % of the window.
    feed.run(10 * SECOND_US, () => [
      status(),
      ...tenCalls((callId) => interval({ callId })).slice(0, 30),
      ...tenCalls((callId) => badInterval({ callId })).slice(0, 10),
    ]);
    feed.run(20 * MINUTE_US, healthy);
    expect(feed.story).toEqual([]);
  });

  test('repeated bursts fire, with calls, driver and the worst of them', () => {
    const feed = new Feed(QUALITY);
    feed.run(10 * MINUTE_US, healthy);
    feed.run(5 * MINUTE_US, (step) => (step % 3 === 0 ? bad() : healthy()));
    expect(feed.story.toSorted()).toEqual(['Jitter raised', 'MosLow raised']);
    const jitter = feed.active.find(({ rule }) => rule === 'Jitter')!;
    expect(jitter).toMatchObject({ calls: 10, threshold: 30, clear: 20, measure: 'p95', unit: 'ms' });
    expect(jitter.driver).toEqual({ name: 'loss', text: 'loss takes 30.0 points of R' });
    expect(jitter.worst).toHaveLength(3);
    expect(jitter.value! / 60).toBeCloseTo(1, 1);
    feed.run(10 * MINUTE_US, healthy);
    expect(feed.active).toEqual([]);
  });

  test('a night with three calls is silent, and says why', () => {
    const feed = new Feed(QUALITY);
    const night = (step: number): AlertInput[] =>
      step % 6 === 0 ? [status(), badInterval({ callId: `night-${step % 18}` })] : [status()];
    feed.run(2 * HOUR_US, night);
    expect(feed.story).toEqual([]);
    const { now } = feed.evaluator.heldBack();
    expect(now.find(({ rule }) => rule === 'Jitter')).toMatchObject({
      reason: 'too_few_samples',
      text: '5 intervals of the 60 that are needed to judge',
    });
  });

  test('one bad call among many is not enough where three must be touched', () => {
    const feed = new Feed(QUALITY);
    feed.run(10 * MINUTE_US, () => [
      ...healthy(),
      ...Array.from({ length: 10 }, () => badInterval({ callId: 'one' })),
    ]);
    expect(feed.active.map(({ rule }) => rule)).toEqual(['MosLow']);
    expect(feed.evaluator.heldBack().now[0]).toMatchObject({
      rule: 'Jitter',
      reason: 'too_few_calls',
      text: '1 call touched, 3 are needed',
    });
  });

  test('a slow decline fires once, and ends once', () => {
    const feed = new Feed(QUALITY);
    feed.run(HOUR_US, (step) => [
      status(),
      ...tenCalls((callId) => interval({ callId, jitterMs: 10 + step / 12 })),
    ]);
    feed.run(HOUR_US, (step) => [
      status(),
      ...tenCalls((callId) => interval({ callId, jitterMs: 40 - step / 12 })),
    ]);
    expect(feed.story).toEqual(['Jitter raised', 'Jitter resolved']);
  });

  test('a step fires after the time that the rule waits', () => {
    const feed = new Feed(QUALITY);
    feed.run(10 * MINUTE_US, healthy);
    const stepUs = feed.nowUs;
    feed.run(5 * MINUTE_US, bad);
    const [raised] = feed.changes.filter(({ alert }) => alert.rule === 'Jitter');
    // A twentieth of five minutes until p95 is beyond it, and a minute that the rule waits.
    expect((raised!.timeUs - stepUs) / SECOND_US).toBe(80);
    expect(raised!.alert.startUs - raised!.alert.sinceUs).toBe(MINUTE_US);
  });

  test('between the thresholds nothing changes', () => {
    const between = (): AlertInput[] => [
      status(),
      ...tenCalls((callId) => interval({ callId, jitterMs: 25 })),
    ];
    const fresh = new Feed(QUALITY);
    fresh.run(20 * MINUTE_US, between);
    expect(fresh.story).toEqual([]);
    const fired = new Feed(QUALITY);
    fired.run(10 * MINUTE_US, bad);
    fired.run(20 * MINUTE_US, between);
    expect(fired.story.filter((line) => line.startsWith('Jitter'))).toEqual(['Jitter raised']);
  });

  test('what comes and goes is kept, and says so', () => {
    const feed = new Feed(QUALITY);
    const day = (step: number): AlertInput[] => (step % 90 < 30 ? bad() : healthy());
    feed.run(4 * HOUR_US, day);
    const jitter = feed.story.filter((line) => line.startsWith('Jitter'));
    // Sixteen times bad, three alerts.
    expect(jitter).toEqual([
      'Jitter raised',
      'Jitter resolved',
      'Jitter raised',
      'Jitter resolved',
      'Jitter raised',
    ]);
    expect(feed.active.find(({ rule }) => rule === 'Jitter')).toMatchObject({ flapping: true });
    feed.run(HOUR_US, healthy);
    expect(feed.active).toEqual([]);
  });

  test('the same records give the same alerts', () => {
    const story = (): unknown => {
      const feed = new Feed(QUALITY);
      feed.run(HOUR_US, (step) => (step % 50 < 20 ? bad() : healthy()));
      return feed.changes;
    };
    expect(story()).toEqual(story());
  });
});

describe('what is only information', () => {
  test('jitter is high, and calls are healthy all the same', () => {
    const set = rules(`
rules:
  - { name: J, summary: j, signal: interval.jitterMs, measure: p95, above: 30, window: 1m, pageIf: hurt }
`);
    const feed = new Feed(set);
    const buffered = (): AlertInput[] => tenCalls((callId) => interval({ callId, jitterMs: 60 }));
    feed.run(5 * MINUTE_US, buffered);
    expect(feed.active[0]).toMatchObject({
      severity: 'info',
      informationOnly: 'calls are healthy all the same',
    });
    // It becomes heard: another alert, which wakes somebody.
    feed.run(5 * MINUTE_US, bad);
    expect(feed.changes.map(({ change, alert }) => `${change} ${alert.severity}`)).toEqual([
      'raised info',
      'resolved info',
      'raised warning',
    ]);
  });

  test('a low score that the codec alone explains; one with a driver is a page', () => {
    const impairments = { codec: 40, loss: 0, discard: 0, delay: 2 };
    const poorCodec = new Feed(QUALITY);
    poorCodec.run(5 * MINUTE_US, () => tenCalls((callId) => interval({ callId, mosLq: 2.9, impairments })));
    expect(poorCodec.active[0]).toMatchObject({
      rule: 'MosLow',
      severity: 'info',
      driver: { name: 'codec' },
    });
    const lossy = new Feed(QUALITY);
    lossy.run(5 * MINUTE_US, bad);
    expect(lossy.active.find(({ rule }) => rule === 'MosLow')).toMatchObject({ severity: 'critical' });
  });

  test('receivers say where it was lost', () => {
    const feed = new Feed(QUALITY);
    feed.run(MINUTE_US, () => [
      ...bad(),
      ...Array.from({ length: 10 }, (_, i) => finding('loss_before_probe', `call-${i}@example.com`)),
    ]);
    feed.run(MINUTE_US, bad);
    expect(feed.active[0]!.driver!.name).toBe('loss before the probe');
  });
});

describe('a capture that cannot be believed', () => {
  const dropping = status({
    trust: {
      verdict: 'untrusted',
      reasons: [{ code: 'capture_drops', text: 'the capturing machine lost packets' }],
    },
  });

  test('quality alerts are muted, the alert about the capture fires', () => {
    const feed = new Feed(QUALITY);
    let dropped = 0;
    let packets = 0;
    feed.run(10 * MINUTE_US, healthy);
    feed.run(20 * MINUTE_US, () => {
      dropped += 500;
      packets += 10_000;
      return [{ ...dropping, dropped, packets }, ...bad().slice(1)];
    });
    expect(feed.story).toEqual(['CaptureDrops raised']);
    expect(feed.evaluator.doubtedSamples).toBeGreaterThan(4000);
  });

  test('an alert that fires stays as it is, and says that nothing can be said', () => {
    const feed = new Feed(QUALITY);
    feed.run(10 * MINUTE_US, bad);
    feed.run(20 * MINUTE_US, () => [dropping, ...healthy().slice(1)]);
    expect(feed.active.find(({ rule }) => rule === 'Jitter')!.held).toContain('lost packets');
    feed.run(20 * MINUTE_US, healthy);
    expect(feed.active).toEqual([]);
  });
});

describe('silence', () => {
  const set = rules(`
rules:
  - name: TrunkSilent
    summary: no calls any more
    signal: call.any
    measure: absence
    window: 10m
    by: [trunk]
    minSamples: 5
  - { name: ProbeDown, summary: no sign of life, signal: probe.status, measure: absence, window: 1m, owner: probe }
`);
  const options = {
    labels: (record: AlertInput) =>
      record.type === 'call' ? { trunk: record.callId.startsWith('a') ? 'north' : 'south' } : {},
  };
  const both = (step: number): AlertInput[] => [
    status(),
    call({ callId: `a-${step}` }),
    call({ callId: `b-${step}` }),
  ];

  test('of a trunk fires for this trunk, and ends with its first call', () => {
    const feed = new Feed(set, options);
    feed.run(HOUR_US, both);
    expect(feed.story).toEqual([]);
    feed.run(15 * MINUTE_US, (step) => both(step).slice(0, 2));
    expect(feed.active).toMatchObject([
      { rule: 'TrunkSilent', labels: { trunk: 'south' }, cause: 'absence' },
    ]);
    feed.run(3 * MINUTE_US, both);
    expect(feed.active).toEqual([]);
  });

  test('that comes slowly, as in the evening, is none', () => {
    const feed = new Feed(set, options);
    feed.run(HOUR_US, both);
    feed.run(HOUR_US, (step) => (step % 12 === 0 ? both(step) : [status()]));
    feed.run(HOUR_US, (step) => (step % 60 === 0 ? both(step) : [status()]));
    feed.run(HOUR_US, () => [status()]);
    expect(feed.story).toEqual([]);
  });

  test('after one burst is none: each of three windows before has to have had enough', () => {
    const feed = new Feed(set, options);
    feed.run(10 * MINUTE_US, both);
    feed.run(HOUR_US, () => [status()]);
    expect(feed.story).toEqual([]);
  });

  test('of the probe is told as that, and nothing else is concluded from it', () => {
    const feed = new Feed(set, options);
    feed.run(HOUR_US, both);
    feed.run(15 * MINUTE_US, () => []);
    expect(feed.story).toEqual(['ProbeDown raised']);
  });
});

test('an alert that touches no calls keeps the samples that raised it when no more come', () => {
  const set = rules(`
rules:
  - { name: SourceDown, summary: s, signal: capture.sourceDown, measure: ratio, above: 0.5, window: 1m, minSamples: 3 }
`);
  const feed = new Feed(set);
  const down = { name: 'eth0', up: false, ended: false };
  feed.run(5 * MINUTE_US, () => [status({ sources: [down] })]);
  feed.run(2 * MINUTE_US, () => []);
  expect(feed.active).toMatchObject([{ rule: 'SourceDown', value: 1 }]);
  expect(feed.active[0]!.samples).toBeGreaterThanOrEqual(3);
});

describe('a clock that is set back', () => {
  test.each([HOUR_US, 24 * HOUR_US])('by %d us does not stop evaluation, and alerts end', (backUs) => {
    const feed = new Feed(QUALITY);
    feed.run(10 * MINUTE_US, healthy);
    feed.nowUs -= backUs;
    feed.run(10 * MINUTE_US, bad);
    expect(feed.story.toSorted()).toEqual(['Jitter raised', 'MosLow raised']);
    feed.nowUs -= backUs;
    feed.run(30 * MINUTE_US, healthy);
    expect(feed.active).toEqual([]);
    for (const { alert } of feed.changes) {
      if (alert.endUs !== null) expect(alert.endUs).toBeGreaterThanOrEqual(alert.startUs);
    }
  });
});

describe('a restart', () => {
  const goOn = (feed: Feed, pauseUs: number): Feed => {
    const saved = JSON.parse(JSON.stringify(feed.evaluator.save()));
    const next = new Feed(QUALITY, { startUs: feed.nowUs });
    const evaluator = new Evaluator(QUALITY);
    expect(evaluator.restore(saved)).toEqual([]);
    Object.assign(next, { evaluator, nowUs: feed.nowUs + pauseUs });
    evaluator.resume(next.nowUs);
    return next;
  };

  test.each([0, 30 * SECOND_US, 20 * MINUTE_US])(
    'of %d us in an episode tells nothing twice and loses nothing',
    (pauseUs) => {
      const before = new Feed(QUALITY);
      before.run(10 * MINUTE_US, bad);
      expect(before.story.toSorted()).toEqual(['Jitter raised', 'MosLow raised']);
      const after = goOn(before, pauseUs);
      after.run(10 * MINUTE_US, bad);
      expect(after.story).toEqual([]);
      expect(after.active.map(({ startUs }) => startUs)).toEqual(before.active.map(({ startUs }) => startUs));
      after.run(15 * MINUTE_US, healthy);
      expect(after.story.toSorted()).toEqual(['Jitter resolved', 'MosLow resolved']);
    },
  );

  test('changes nothing where it takes no time', () => {
    const records = (step: number): AlertInput[] => (step % 40 < 13 ? bad() : healthy());
    const whole = new Feed(QUALITY);
    whole.run(2 * HOUR_US, records);
    const first = new Feed(QUALITY);
    first.run(HOUR_US, records);
    const second = goOn(first, 0);
    second.run(HOUR_US, (step) => records(step + 360));
    expect(
      [...first.changes, ...second.changes].map(({ timeUs, change, alert }) => [timeUs, change, alert.rule]),
    ).toEqual(whole.changes.map(({ timeUs, change, alert }) => [timeUs, change, alert.rule]));
  });

  test('with other rules ends the alerts of those that are gone', () => {
    const before = new Feed(QUALITY);
    before.run(10 * MINUTE_US, bad);
    const saved = before.evaluator.save();
    const other = new Evaluator(
      rules(`
rules:
  - { name: Jitter, summary: j, signal: interval.jitterMs, measure: p95, above: 50, window: 5m, minSamples: 1 }
`),
    );
    expect(other.restore(saved).map(({ change, alert }) => `${alert.rule} ${change}`)).toEqual([
      'MosLow resolved',
    ]);
    expect(other.active().map(({ rule }) => rule)).toEqual(['Jitter']);
  });
});
