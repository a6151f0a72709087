import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { alertingOf } from '../../src/cli/alerting.ts';
import { Log } from '../../src/live/log.ts';
import { isoMicros } from '../../src/report/iso-time.ts';
import { badInterval, MINUTE_US, MONDAY_US, status } from '../alerts/feed.ts';
import { Folder } from './earshot.ts';

const folder = new Folder();
afterAll(() => folder.remove());
beforeEach(() => vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance', 'Date'] }));
afterEach(() => vi.useRealTimers());

const RULES = `
rules:
  - { name: Jitter, summary: s, signal: interval.jitterMs, measure: p95, by: [site], above: 30, window: 1m, minSamples: 1, clearFor: 0s }
`;
const groupsWith = (site: string) => ({
  sites: [{ name: site, cidr: ['192.0.2.0/24'], vlan: [], userAgent: [], header: null, value: '' }],
  trunks: [],
  devices: [],
});

test('alerts name the groups that are in force, from a reload on', async () => {
  const rules = folder.at('rules.yaml');
  writeFileSync(rules, RULES);
  const told: string[] = [];
  const log = new Log({
    level: 'info',
    plain: true,
    redactNumbers: false,
    write: (line) => told.push(line),
  });
  const alerting = alertingOf({ rules }, { probe: 'p', groups: groupsWith('north') }, log);
  let minute = 0;
  const minutes = async (count: number): Promise<void> => {
    for (const until = minute + count; minute < until; minute++) {
      alerting!.records([status({ time: isoMicros(MONDAY_US + minute * MINUTE_US) }), badInterval()]);
      await vi.advanceTimersByTimeAsync(60_000);
    }
  };
  await minutes(2);
  alerting!.regroup(groupsWith('south'));
  await minutes(2);
  await alerting!.stop();
  const raised = told.filter((line) => line.includes('alert raised'));
  expect(raised.map((line) => /\(site (\w+)\)/.exec(line)?.[1])).toEqual(['north', 'south']);
});
