import { isoMicros } from '../iso-time.ts';
import type { Report } from '../report.ts';
import { neutralised } from '../wire-text.ts';
import type { Outcome } from './evaluate.ts';

/** What a condition came to, in one line: `p05(mosLq)<3.6: 3.41 over 42 streams`. */
export function outcomeLine({ condition, value, empty, population }: Outcome): string {
  const text = neutralised(condition.text);
  if ('trust' in condition) return `${text}: ${population}`;
  if (empty) return `${text}: no data: ${population}`;
  return `${text}: ${numberText(value)} over ${population}`;
}

/** Enough digits to see why it was broken, and no binary tails. */
function numberText(value: number | null): string {
  return value === null ? 'unknown' : String(Number(value.toPrecision(9)));
}

/**
 * The outcomes as JUnit XML: one test case for each condition, a failure where it was broken, skipped where there was no
 * data and that was allowed.
 */
export function junitXml(report: Report, outcomes: readonly Outcome[]): string {
  const failures = outcomes.filter(({ broken }) => broken).length;
  const skipped = outcomes.filter(({ broken, empty }) => empty && !broken).length;
  const time = isoMicros(report.capture.startUs)?.slice(0, 19) ?? null;
  const counts = `tests="${outcomes.length}" failures="${failures}" errors="0" skipped="${skipped}" time="0"`;
  const stamp = time === null ? '' : ` timestamp="${time}"`;
  const { verdict, reasons } = report.capture.trust;
  const trust = [`capture ${verdict}`, ...reasons.map(({ code, text }) => `${code}: ${text}`)].join('\n');
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="earshot" ${counts}${stamp}>`,
    ...outcomes.map(testCase),
    `    <system-out>${escaped(trust)}</system-out>`,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(outcome: Outcome): string {
  const { condition, broken, empty } = outcome;
  const line = escaped(outcomeLine(outcome));
  const head = `    <testcase classname="earshot.gate" name="${escaped(condition.text)}" time="0">`;
  const type = empty ? 'no_data' : 'broken';
  const body = broken
    ? `<failure type="${type}" message="${line}">${line}</failure>`
    : empty
      ? `<skipped message="${line}"/>`
      : `<system-out>${line}</system-out>`;
  return `${head}${body}</testcase>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** XML has no way at all to say most control characters; they are shown as escapes. Line ends of ours stay. */
function escaped(text: string): string {
  const lines = text.split('\n').map((line) => neutralised(line).replace(/[\ufffe\uffff]/g, '?'));
  return lines.join('\n').replace(/[&<>"']/g, (found) => ENTITIES[found]!);
}
