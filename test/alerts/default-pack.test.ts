import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRules } from '../../src/alerts/read-rules.ts';
import { badInterval, call, Feed, HOUR_US, interval, MINUTE_US, status } from './feed.ts';

const root = resolve(import.meta.dirname, '../..');
const read = readRules(readFileSync(join(root, 'rules/default.yaml'), 'utf8'), {});
if (!read.ok) throw new Error(JSON.stringify(read.problems));
const { set, warnings } = read;

describe('the default pack', () => {
  test('is sound; the one rule that goes by what is usual alone says so', () => {
    expect(warnings.map(({ text }) => text)).toEqual(['goes by what is usual alone, and is silent for 21d']);
  });

  test('has a page for each rule, and no other pages', () => {
    const pages = set.rules.map(({ runbook }) => `${runbook}.md`);
    expect(pages.filter((page) => !existsSync(join(root, set.runbooks, page)))).toEqual([]);
    expect(readdirSync(join(root, set.runbooks)).filter((page) => !pages.includes(page))).toEqual([]);
  });

  test('says nothing of a healthy morning, nor of an hour before it', () => {
    const feed = new Feed(set);
    feed.run(HOUR_US, () => [status()]);
    let packets = 0;
    feed.run(HOUR_US, (step) => {
      packets += 100_000;
      const calls = Array.from({ length: 8 }, (_, i) => `call-${step}-${i}`);
      return [
        status({ packets }),
        ...calls.map((callId) => interval({ callId })),
        call({ callId: `call-${step}-0` }),
        call({ callId: `call-${step}-1`, ...(step % 3 === 0 ? { state: 'failed', finalCode: 486 } : {}) }),
      ];
    });
    expect(feed.story.filter((line) => !line.startsWith('CaptureSilent'))).toEqual([]);
  });

  test('one failed emergency call is enough', () => {
    const feed = new Feed(set);
    const emergency = { service: '112', location: false };
    feed.run(MINUTE_US, (step) =>
      step === 2
        ? [
            call({
              state: 'failed',
              finalCode: 503,
              signalling: { ...call().signalling, emergency },
            }),
          ]
        : [],
    );
    expect(feed.active).toMatchObject([
      { rule: 'EmergencyCallFailed', severity: 'critical', driver: { name: '503' } },
    ]);
  });

  test.each([
    ['media_stopped', 'MediaStopped'],
    ['call_dropped', 'CallsDropped'],
    ['short_call', 'ShortCalls'],
  ])('calls with %s raise %s, where they are more than a few', (code, rule) => {
    const run = (badOf: number): string[] => {
      const feed = new Feed(set);
      feed.run(30 * MINUTE_US, (step) => {
        const findings = step % badOf === 0 ? [code] : [];
        return [status({ packets: (step + 1) * 1000 }), call({ callId: `call-${step}`, findings })];
      });
      return feed.active.map((alert) => alert.rule);
    };
    expect(run(3)).toContain(rule);
    expect(run(60)).not.toContain(rule);
  });

  test('calls that were answered have nothing to say by their final code', () => {
    const feed = new Feed(set);
    feed.run(30 * MINUTE_US, (step) => {
      const findings = step % 10 === 0 ? ['one_way_media'] : [];
      return [status({ packets: (step + 1) * 1000 }), call({ callId: `call-${step}`, findings })];
    });
    const alert = feed.active.find(({ rule }) => rule === 'OneWayMedia')!;
    expect(alert.driver).toBeNull();
    expect(alert.text).not.toContain('ended with');
  });

  test('one receiver that gets nothing is not hidden by others that do; a short failure is none', () => {
    const feed = new Feed(set);
    const packets = (step: number): number => (step + 1) * 1000;
    const failingFrom = (from: number, to: number) => (step: number) => {
      const main = { isFailing: step >= from && step < to };
      return [status({ packets: packets(step), exports: { main, other: { isFailing: false } } })];
    };
    feed.run(10 * MINUTE_US, failingFrom(20, 30));
    expect(feed.story.filter((line) => line.startsWith('ExportFailing'))).toEqual([]);
    feed.run(10 * MINUTE_US, failingFrom(0, 60));
    expect(feed.active.map(({ rule }) => rule)).toContain('ExportFailing');
    feed.run(15 * MINUTE_US, failingFrom(0, 0));
    expect(feed.active.map(({ rule }) => rule)).not.toContain('ExportFailing');
  });

  test('a hold that does not get what it is about is told, and that it does again', () => {
    const feed = new Feed(set);
    const heldFrom = (step: number) => (now: number) => {
      const holds = [{ problem: null }, { problem: now < step ? 'it is full' : null }];
      return [status({ packets: (now + 1) * 1000, held: [{ problem: null, holds }] })];
    };
    feed.run(3 * MINUTE_US, heldFrom(0));
    expect(feed.active).toEqual([]);
    feed.run(3 * MINUTE_US, heldFrom(100));
    expect(feed.active.map(({ rule }) => rule)).toEqual(['HoldIncomplete']);
    feed.run(3 * MINUTE_US, heldFrom(0));
    expect(feed.active).toEqual([]);
  });

  test('a bad quarter of an hour raises the fast rules and not the slow ones beside them', () => {
    const feed = new Feed(set);
    let packets = 0;
    feed.run(15 * MINUTE_US, () => {
      packets += 100_000;
      const calls = Array.from({ length: 12 }, (_, i) => `call-${i}`);
      return [status({ packets }), ...calls.map((callId) => badInterval({ callId }))];
    });
    expect(feed.active.map(({ rule }) => rule).sort()).toEqual([
      'DiscardHigh',
      'JitterHighFast',
      'LossHighFast',
      'MosLowFast',
    ]);
  });
});

describe('what is usual', () => {
  test('ten times as many registrations are told once three weeks are known, and not before', () => {
    const feed = new Feed(set);
    let rounds = 0;
    const registrations = (perStep: number) => () => {
      rounds += perStep;
      return [status({ packets: rounds, registrationRounds: { succeeded: rounds, failed: 0 } })];
    };
    const storm = (): string[] => feed.story.filter((line) => line.startsWith('RegistrationStorm'));
    const weekLessAnHour = 167 * HOUR_US;
    for (let week = 0; week < 3; week++) {
      feed.run(HOUR_US, registrations(1));
      feed.nowUs += weekLessAnHour;
      feed.evaluator.resume(feed.nowUs);
      if (week === 1) {
        // A storm in the third week: two weeks are known.
        feed.run(HOUR_US / 2, registrations(20));
        expect(storm()).toEqual([]);
        feed.nowUs -= HOUR_US / 2;
        feed.evaluator.resume(feed.nowUs);
        feed.evaluator.table.startAnew(feed.nowUs);
      }
    }
    feed.run(HOUR_US / 2, registrations(1));
    expect(storm()).toEqual([]);
    feed.run(HOUR_US / 2, registrations(60));
    expect(storm()).toEqual(['RegistrationStorm raised']);
    const alert = feed.active.find(({ rule }) => rule === 'RegistrationStorm')!;
    expect(alert).toMatchObject({ cause: 'deviation', threshold: null });
    expect(alert.value! / alert.usual!).toBeGreaterThanOrEqual(10);
  });
});
