import { RecordStore } from '../../../src/report/record-store.ts';
import type { TimeSpan } from '../../../src/report/search/time-window.ts';
import { call, finding, START_US, signalling, stream } from '../records.ts';

/** Some seconds of the capture, from its start. */
export function seconds(from: number, to: number): TimeSpan {
  return { fromUs: START_US + from * 1e6, toUs: START_US + to * 1e6 };
}

export interface CallPlan {
  n: number;
  at: number;
  from?: string;
  to?: string;
  code?: string;
  severity?: 'info' | 'warning' | 'critical';
  host?: string;
}

/** A call of 20 s with a stream, and with one finding that lasts as long, where a code is given. */
export function addCall(records: RecordStore, plan: CallPlan): void {
  const { n, at, from = `sip:10${n}@pbx`, to = 'sip:4711@pbx', code, severity = 'critical' } = plan;
  const { host = '192.0.2.1' } = plan;
  const callId = `call${n}@pbx`;
  const startUs = START_US + at * 1e6;
  const endUs = startUs + 20e6;
  records.call(
    call({
      ...{ id: `c${n}`, callId, from, to, startUs, endUs, streams: [`s${n}`] },
      findings: code === undefined ? [] : [code],
      verdict: code === undefined ? 'healthy' : 'media',
      signalling: signalling({ hosts: { source: `10.0.0.${n}`, destination: host } }),
    }),
  );
  const [src, dst] = [
    { ip: `10.0.0.${n}`, port: 4000 },
    { ip: host, port: 5000 },
  ];
  records.stream(stream({ id: `s${n}`, callId, src, dst, startUs, endUs, quality: null }));
  if (code !== undefined)
    records.finding(finding({ code, severity, callId, streamId: `s${n}`, startUs, endUs }));
}

export function storeOf(...plans: readonly CallPlan[]): RecordStore {
  const records = new RecordStore();
  for (const plan of plans) addCall(records, plan);
  return records;
}
