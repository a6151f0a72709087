import { isoMicros } from '../iso-time.ts';
import type { Report } from '../report.ts';
import { neutralised } from '../wire-text.ts';
import type { Condition } from './condition.ts';
import type { Outcome } from './evaluate.ts';

/** What a condition came to, in one line: `p05(mosLq)<3.6: 3.41 over 42 streams`. */
export function outcomeLine({ condition, value, empty, population }: Outcome): string {
  const text = neutralised(condition.text);
  if (empty) return `${text}: no data: ${population}`;
  if ('trust' in condition) return `${text}: ${population}`;
  return `${text}: ${numberText(value)} over ${population}`;
}

/** Enough digits to see why it was broken, and no binary tails. */
function numberText(value: number | null): string {
  return value === null ? 'unknown' : String(Number(value.toPrecision(9)));
}

/** An input that was not read, or not to its end, and why: one line each. */
export interface UnreadInput {
  name: string;
  reasons: readonly string[];
}

/**
 * The outcomes as JUnit XML: one test case for each condition, a failure where it was broken, skipped where there was no
 * data and that was allowed; and an error for each input that was not read to its end, for what was judged without it
 * was not judged.
 */
export function junitXml(
  report: Report,
  outcomes: readonly Outcome[],
  unread: readonly UnreadInput[],
): string {
  const { verdict, reasons } = report.capture.trust;
  const trust = [`capture ${verdict}`, ...reasons.map(({ code, text }) => `${code}: ${text}`)].join('\n');
  return suites(
    {
      failures: outcomes.filter(({ broken }) => broken).length,
      errors: unread.length,
      skipped: outcomes.filter(({ broken, empty }) => empty && !broken).length,
    },
    isoMicros(report.capture.startUs)?.slice(0, 19) ?? null,
    [...unread.map(unreadCase), ...outcomes.map(testCase)],
    trust,
  );
}

/** What a gate is that never came to judge: an error that says why, and every condition as left out. */
export function unjudgedXml(conditions: readonly Condition[], reason: string): string {
  const skipped = conditions.map(({ text }) =>
    caseOf('earshot.gate', text, '<skipped message="not judged"/>'),
  );
  const failed = unreadCase({ name: 'replay', reasons: [reason] });
  const counts = { failures: 0, errors: 1, skipped: skipped.length };
  return suites(counts, null, [failed, ...skipped], 'not judged');
}

function suites(
  { failures, errors, skipped }: { failures: number; errors: number; skipped: number },
  time: string | null,
  cases: readonly string[],
  said: string,
): string {
  const counts = `tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="${skipped}" time="0"`;
  const stamp = time === null ? '' : ` timestamp="${time}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="earshot" ${counts}${stamp}>`,
    ...cases,
    `    <system-out>${escaped(said)}</system-out>`,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function unreadCase({ name, reasons }: UnreadInput): string {
  const [first = ''] = reasons;
  const body = `<error type="unread" message="${escaped(first)}">${escaped(reasons.join('\n'))}</error>`;
  return caseOf('earshot.capture', name, body);
}

function testCase(outcome: Outcome): string {
  const { condition, broken, empty } = outcome;
  const line = escaped(outcomeLine(outcome));
  const type = empty ? 'no_data' : 'broken';
  const body = broken
    ? `<failure type="${type}" message="${line}">${line}</failure>`
    : empty
      ? `<skipped message="${line}"/>`
      : `<system-out>${line}</system-out>`;
  return caseOf('earshot.gate', condition.text, body);
}

function caseOf(className: string, name: string, body: string): string {
  return `    <testcase classname="${className}" name="${escaped(name)}" time="0">${body}</testcase>`;
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
