import { expect, test } from 'vitest';
import { type LiveRecord, liveOngoing } from '../../src/live/live-records.ts';
import { Groups } from '../../src/metrics/groups/groups.ts';
import { Metrics } from '../../src/metrics/metrics.ts';
import type { CallRecord } from '../../src/records/types.ts';
import { signalling } from '../report/records.ts';
import { callTold, samplesOf, textOf } from './records.ts';

const carrier = { name: 'carrier-a', cidr: ['192.0.2.20/32'], vlan: [], userAgent: [] };
const GROUPS = new Groups({
  sites: [],
  trunks: [{ ...carrier, header: null, value: '*' }],
  devices: [],
});
const ELSEWHERE = { source: '192.0.2.10', destination: '198.51.100.7' };

const UNHEARD: LiveRecord = {
  type: 'ongoing',
  ...liveOngoing({
    code: 'one_way_media',
    severity: 'critical',
    callId: 'abc@pbx',
    direction: 'calleeToCaller',
    from: 'alice',
    to: '112',
    startUs: 1e6,
    timeUs: 13e6,
    text: 'the call is up',
    emergency: true,
    signalling: signalling(),
  }),
};

/** Samples of a metric that are not 0, after these calls, without the label of a direction that nobody knows. */
async function said(metric: string, ...calls: Partial<CallRecord>[]): Promise<Record<string, number>> {
  const metrics = new Metrics({ version: '1', probe: 'test', groups: GROUPS });
  metrics.records(calls.map((call) => callTold(call)));
  const samples = [...samplesOf(textOf(await metrics.render('text')))];
  const shown = samples.filter(([name, value]) => name.startsWith(metric) && value !== 0);
  return Object.fromEntries(shown.map(([name, value]) => [name.slice(metric.length), value]));
}

const refused = (finalCode: number | null): Partial<CallRecord> => {
  return { state: 'failed', finalCode, answerUs: null };
};

test('calls of scans are counted, and in nothing that says how calls went', async () => {
  const scan = { ...refused(404), verdict: 'healthy' as const };
  const told = [refused(503), { ...scan, signalling: signalling({ ofScan: true, retransmissions: 9 }) }];
  expect(Object.values(await said('earshot_calls_of_scans_total', ...told))).toEqual([1]);
  const honest = told.slice(0, 1);
  for (const metric of ['attempts', 'failed', 'ineffective', 'final_responses', 'unresolved']) {
    const name =
      metric === 'attempts' || metric === 'final_responses'
        ? `earshot_call_${metric}`
        : `earshot_calls_${metric}`;
    expect(await said(`${name}_total`, ...told), metric).toEqual(await said(`${name}_total`, ...honest));
  }
  const repeated = 'earshot_sip_retransmissions_total';
  expect(await said(repeated, ...told)).toEqual(await said(repeated, ...honest));
});

test('final responses say which trunk they came from', async () => {
  const found = await said(
    'earshot_call_final_responses_total',
    refused(503),
    refused(503),
    { ...refused(503), signalling: signalling({ hosts: ELSEWHERE }) },
    refused(404),
    refused(null),
  );
  const of = (trunk: string, code: string) => {
    return Object.entries(found).find(
      ([labels]) => labels.includes(`trunk="${trunk}"`) && labels.includes(`code="${code}"`),
    )?.[1];
  };
  expect(of('carrier-a', '503')).toBe(2);
  expect(of('none', '503')).toBe(1);
  expect(of('carrier-a', '404')).toBe(1);
  expect(of('carrier-a', 'none')).toBe(1);
  expect(Object.keys(found)).toHaveLength(4);
});

test('an answered call has its delays, and one that was not, how long it rang', async () => {
  const setup = {
    postDialDelayMs: 800,
    answerDelayMs: 4100,
    mediaDelayMs: { callerToCallee: 40, calleeToCaller: 1250 },
  };
  const calls: Partial<CallRecord>[] = [
    { state: 'answered', finalCode: 200, setup, signalling: signalling({ ringMs: 3300 }) },
    {
      ...refused(486),
      setup: { ...setup, answerDelayMs: null },
      signalling: signalling({ ringMs: 20_000 }),
    },
  ];
  const sums = async (metric: string) => {
    const found = await said(metric, ...calls);
    const end = (suffix: string) => Object.entries(found).find(([name]) => name.startsWith(suffix))?.[1];
    return [end('_count'), end('_sum')];
  };
  expect(await sums('earshot_answer_delay_seconds')).toEqual([1, 4.1]);
  expect(await sums('earshot_ring_seconds')).toEqual([2, 23.3]);
  expect(await sums('earshot_media_delay_seconds')).toEqual([1, 1.25]);
});

test('a call that is up, in which somebody is not heard, is counted by place; a place has series before its first', async () => {
  const metrics = new Metrics({ version: '1', probe: 'test', groups: GROUPS });
  const shown = async () => {
    const samples = [...samplesOf(textOf(await metrics.render('text')))];
    const ofUnheard = samples.filter(([name]) => name.startsWith('earshot_ongoing_calls_unheard_total{'));
    return ofUnheard.map(([name, value]) => [
      /code="(\w+)",emergency="(\w+)"/.exec(name)!.slice(1).join(' '),
      value,
    ]);
  };
  metrics.records([callTold()]);
  metrics.records([UNHEARD]);
  expect((await shown()).sort()).toEqual([
    ['media_stopped no', 0],
    ['media_stopped yes', 0],
    ['no_media no', 0],
    ['no_media yes', 0],
    ['one_way_media no', 0],
    ['one_way_media yes', 1],
  ]);
});
