import { EVIDENCE_MIN, INTERVAL_EVIDENCE_MIN } from '../../records/evidence.ts';
import { findingEntry } from '../../records/finding-codes.ts';
import type { ReportStream } from '../contract.ts';
import type { RecordStore } from '../record-store.ts';
import type { Report } from '../report.ts';
import { fieldValue } from '../rows/fields.ts';
import { intervalRows } from '../rows/interval-rows.ts';
import { everything, type Selection } from '../selection.ts';
import type { Comparison, Condition, Countable, Filters, Quantity } from './condition.ts';
import type { Measure } from './measures.ts';
import { meanOf, nearestRank } from './percentile.ts';

/** What became of a condition. */
export interface Outcome {
  condition: Condition;
  /** Null where there was nothing to compute it of. */
  value: number | null;
  broken: boolean;
  /** Nothing to compute it of: then nobody knows. */
  empty: boolean;
  /** What it was computed of, in words. */
  population: string;
}

/** Works out conditions over the chosen records of a report. Without data a condition is broken, unless allowed. */
export function evaluateGate(
  report: Report,
  conditions: readonly Condition[],
  allowEmpty: boolean,
): Outcome[] {
  const selection = report.selection ?? everything(report.records);
  const gathered = gather(report.records, selection, conditions);
  return conditions.map((condition, i) => {
    if ('trust' in condition) return trustOutcome(report, condition);
    const { value, population } = computed(report.records, selection, condition.quantity, gathered[i]!);
    const empty = value === null;
    const broken = empty ? !allowEmpty : holds(value, condition.comparison, condition.limit);
    return { condition, value, broken, empty, population };
  });
}

function trustOutcome(report: Report, condition: Extract<Condition, { trust: string }>): Outcome {
  const { verdict } = report.capture.trust;
  const broken = condition.trust === 'untrusted' ? verdict === 'untrusted' : verdict !== 'trusted';
  return { condition, value: null, broken, empty: false, population: `the capture is ${verdict}` };
}

/** Values of one measure, and those that did not count. */
interface Gathered {
  values: number[];
  absent: number;
  thin: number;
}

/** Reads every record once, however many conditions there are. */
function gather(records: RecordStore, selection: Selection, conditions: readonly Condition[]): Gathered[] {
  const all = conditions.map((): Gathered => ({ values: [], absent: 0, thin: 0 }));
  const wanted = conditions.flatMap((condition, i) =>
    'quantity' in condition && 'measure' in condition.quantity
      ? [{ ...condition.quantity, into: all[i]! }]
      : [],
  );
  const of = (kind: Measure['kind']) => wanted.filter(({ measure }) => measure.kind === kind);
  const [ofCalls, ofStreams, ofIntervals] = [of('calls'), of('streams'), of('intervals')];
  if (ofCalls.length > 0) {
    for (const sequence of selection.calls) {
      const call: unknown = JSON.parse(records.calls.text(sequence));
      for (const { measure, into } of ofCalls) add(into, call, measure);
    }
  }
  if (ofStreams.length + ofIntervals.length === 0) return all;
  for (const sequence of selection.streams) {
    const stream = JSON.parse(records.streams.text(sequence)) as ReportStream;
    for (const { measure, filters, into } of ofStreams) {
      if (!passes(stream, filters)) continue;
      if (stream.expected < EVIDENCE_MIN) into.thin++;
      else add(into, stream, measure);
    }
    const passed = ofIntervals.filter(({ filters }) => passes(stream, filters));
    if (passed.length === 0) continue;
    for (const row of intervalRows(stream)) {
      const isThin = row.expected < INTERVAL_EVIDENCE_MIN;
      for (const { kind, measure, into } of passed) {
        if (isThin && kind !== 'sum') into.thin++;
        else add(into, row, measure);
      }
    }
  }
  return all;
}

function add(into: Gathered, record: unknown, { path }: Measure): void {
  const value = fieldValue(record, path);
  if (typeof value === 'number') into.values.push(value);
  else into.absent++;
}

function passes({ codec, direction }: ReportStream, filters: Filters): boolean {
  if (filters.direction !== undefined && direction !== filters.direction) return false;
  return filters.codec === undefined || codec?.toLowerCase() === filters.codec.toLowerCase();
}

interface Computed {
  value: number | null;
  population: string;
}

function computed(
  records: RecordStore,
  selection: Selection,
  quantity: Quantity,
  { values, absent, thin }: Gathered,
): Computed {
  if (!('measure' in quantity)) return counted(records, selection, quantity);
  const least = quantity.measure.kind === 'intervals' ? INTERVAL_EVIDENCE_MIN : EVIDENCE_MIN;
  const notes = [
    absent > 0 ? `${absent} without a value` : '',
    thin > 0 ? `${thin} with fewer than ${least} packets left out` : '',
  ].filter((note) => note !== '');
  const beside = notes.length === 0 ? '' : ` (${notes.join(', ')})`;
  const population = `${values.length} ${quantity.measure.kind}${beside}`;
  return { value: values.length === 0 ? null : reduced(quantity, values), population };
}

function reduced(quantity: Extract<Quantity, { measure: Measure }>, values: number[]): number {
  switch (quantity.kind) {
    case 'percentile':
      return nearestRank(values, quantity.percent);
    case 'min':
      return values.reduce((least, value) => Math.min(least, value));
    case 'max':
      return values.reduce((most, value) => Math.max(most, value));
    case 'mean':
      return meanOf(values);
    case 'sum':
      return values.reduce((sum, value) => sum + value, 0);
  }
}

function counted(
  records: RecordStore,
  selection: Selection,
  { kind, of }: Extract<Quantity, { of: Countable }>,
): Computed {
  const calls = [...selection.calls];
  const total = `${calls.length} calls`;
  if (of.by === 'all') return { value: [...selection[of.value]].length, population: 'the capture' };
  if (kind === 'share' || of.by === 'verdict' || of.by === 'state') {
    const matching = calls.filter((call) => matches(records, call, of)).length;
    if (calls.length === 0) return { value: null, population: total };
    return { value: kind === 'share' ? matching / calls.length : matching, population: total };
  }
  const findings = [...selection.findings].map((finding) => records.findings.summary(finding));
  const count = findings.filter((each) => (of.by === 'code' ? each.code : each.severity) === of.value).length;
  // Nothing was measured: that nothing was found means nothing. What is about the capture or a registration needs no call.
  const streams = [...selection.streams].length;
  const isOfCapture = of.by === 'code' && findingEntry(of.value)?.about === 'capture';
  const measured = calls.length + streams + [...selection.registrations].length > 0 || isOfCapture;
  return { value: measured || count > 0 ? count : null, population: `${total}, ${streams} streams` };
}

function matches(records: RecordStore, call: number, { by, value }: Countable): boolean {
  const { verdict, state } = records.calls.summary(call);
  if (by === 'verdict') return verdict === value;
  if (by === 'state') return state === value;
  return records.findingsOf(call).some((finding) => {
    const { code, severity } = records.findings.summary(finding);
    return (by === 'code' ? code : severity) === value;
  });
}

function holds(value: number, comparison: Comparison, limit: number): boolean {
  switch (comparison) {
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
    case '==':
      return value === limit;
    case '!=':
      return value !== limit;
  }
}
