import { EVIDENCE_MIN, INTERVAL_EVIDENCE_MIN } from '../../records/evidence.ts';
import type { ReportCall, ReportStream } from '../contract.ts';
import type { Place, PlaceKind } from '../place.ts';
import type { RecordStore } from '../record-store.ts';
import type { Report } from '../report.ts';
import { fieldValue } from '../rows/fields.ts';
import { intervalRows } from '../rows/interval-rows.ts';
import { everything, type Selection } from '../selection.ts';
import type { Comparison, Condition, Countable, Filters, Quantity } from './condition.ts';
import { couldBeFound, type Measured, measuredOf, measuredText, unknownText } from './measured.ts';
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
  const measured = measuredOf(report.records, selection, report.capture.packets);
  return conditions.map((condition, i) => {
    if ('trust' in condition) return trustOutcome(report, condition, allowEmpty);
    const { quantity } = condition;
    const { value, population } =
      'measure' in quantity
        ? computed(quantity, gathered[i]!)
        : counted(report.records, selection, quantity, measured);
    const empty = value === null;
    const broken = empty ? !allowEmpty : holds(value, condition.comparison, condition.limit);
    return { condition, value, broken, empty, population };
  });
}

/** Of a capture without packets nobody knows how far it could be believed. */
function trustOutcome(
  { capture }: Report,
  condition: Extract<Condition, { trust: string }>,
  allowEmpty: boolean,
): Outcome {
  const { verdict } = capture.trust;
  const empty = capture.packets === 0;
  const isDoubted = condition.trust === 'untrusted' ? verdict === 'untrusted' : verdict !== 'trusted';
  const population = empty ? '0 packets' : `the capture is ${verdict}`;
  return { condition, value: null, broken: empty ? !allowEmpty : isDoubted, empty, population };
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
      const call = JSON.parse(records.calls.text(sequence)) as ReportCall;
      for (const { measure, filters, into } of ofCalls) if (isThere(call, filters)) add(into, call, measure);
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

/** Whether a record is in the groups that are asked for, in either case. */
function isThere(place: Place, filters: Filters): boolean {
  const isIn = (kind: PlaceKind): boolean =>
    filters[kind] === undefined || place[kind]?.toLowerCase() === filters[kind].toLowerCase();
  return isIn('site') && isIn('trunk');
}

function passes(stream: ReportStream, filters: Filters): boolean {
  const { codec, direction } = stream;
  if (!isThere(stream, filters)) return false;
  if (filters.direction !== undefined && direction !== filters.direction) return false;
  return filters.codec === undefined || codec?.toLowerCase() === filters.codec.toLowerCase();
}

interface Computed {
  value: number | null;
  population: string;
}

function computed(
  quantity: Extract<Quantity, { measure: Measure }>,
  { values, absent, thin }: Gathered,
): Computed {
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
  measured: Measured,
): Computed {
  if (of.by === 'all' && of.value !== 'findings')
    return { value: measured[of.value], population: 'the capture' };
  if (kind === 'share' || of.by === 'verdict' || of.by === 'state')
    return countedCalls(records, [...selection.calls], kind, of, measured);
  const findings = [...selection.findings].map((finding) => records.findings.summary(finding));
  const count = findings.filter((each) =>
    of.by === 'all' ? true : (of.by === 'code' ? each.code : each.severity) === of.value,
  ).length;
  const { calls, streams, registrations } = measured;
  const couldBe = of.by === 'code' ? couldBeFound(of.value, measured) : calls + streams + registrations > 0;
  const population =
    of.by === 'code' ? measuredText(of.value, measured) : `${calls} calls, ${streams} streams`;
  return { value: couldBe || count > 0 ? count : null, population };
}

/** Calls of a kind, or their share. That none is of a kind means nothing where not one could be judged. */
function countedCalls(
  records: RecordStore,
  calls: readonly number[],
  kind: 'count' | 'share',
  of: Countable,
  measured: Measured,
): Computed {
  const { unknownCalls } = measured;
  const isOfVerdicts = of.by === 'verdict' && of.value !== 'unknown';
  const population = `${calls.length} calls${isOfVerdicts ? unknownText(unknownCalls) : ''}`;
  const matching = calls.filter((call) => matches(records, call, of)).length;
  const known =
    calls.length > 0 &&
    (matching > 0 ||
      (!(isOfVerdicts && unknownCalls === calls.length) &&
        (of.by !== 'code' || couldBeFound(of.value, measured))));
  if (!known) return { value: null, population };
  return { value: kind === 'share' ? matching / calls.length : matching, population };
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
