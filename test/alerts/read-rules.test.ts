import { describe, expect, test } from 'vitest';
import { readRules } from '../../src/alerts/read-rules.ts';
import { problems, rules } from './feed.ts';

const rule = (body: string): string => `rules:
  - name: Some
    summary: something
${body
  .trim()
  .split('\n')
  .map((line) => `    ${line.trim()}`)
  .join('\n')}
`;

describe('a rule file', () => {
  test('takes defaults that fit the measure', () => {
    const [read] = rules(rule('signal: interval.mosLq\nmeasure: p05\nbelow: 3.1')).rules;
    expect(read).toMatchObject({
      side: 'below',
      threshold: 3.1,
      clear: 3.1,
      minSamples: 40,
      runbook: 'some',
    });
  });

  test.each([
    [
      'the best tail of a score',
      'signal: interval.mosLq\nmeasure: p95\nbelow: 3.1',
      '5:14 rules[0].measure: p95 of interval.mosLq is that of the best intervals, for it is bad when it is low: expected p05, got "p95"',
    ],
    [
      'the best tail of jitter',
      'signal: interval.jitterMs\nmeasure: p05\nabove: 30',
      '5:14 rules[0].measure: p05 of interval.jitterMs is that of the best intervals, for it is bad when it is high: expected p95, got "p05"',
    ],
    [
      'sites of what is counted for the whole probe',
      'signal: registration.failedRatio\nmeasure: ratio\nabove: 0.2\nby: [site]',
      '7:10 rules[0].by[0]: registration.failedRatio has no labels, it is of the whole probe: leave it out; got "site"',
    ],
    [
      'a label that a signal has not',
      'signal: interval.jitterMs\nmeasure: p95\nabove: 30\nwhere: { code: x }',
      '7:20 rules[0].where.code: interval.jitterMs has site, trunk, device, direction, codec, scale; got "code"',
    ],
    [
      'a clearing threshold on the wrong side',
      'signal: interval.jitterMs\nmeasure: p95\nabove: 30\nclear: 40',
      '7:12 rules[0].clear: expected at most 30, the value above which it fires, got "40"',
    ],
    [
      'a clearing threshold on the wrong side of a lower limit',
      'signal: interval.mosLq\nmeasure: p05\nbelow: 3.6\nclear: 3.1',
      '7:12 rules[0].clear: expected at least 3.6, the value below which it fires, got "3.1"',
    ],
    [
      'both sides',
      'signal: interval.jitterMs\nmeasure: p95\nabove: 30\nbelow: 3',
      '7:12 rules[0].below: expected above or below, got both',
    ],
    [
      'no threshold at all',
      'signal: interval.jitterMs\nmeasure: p95',
      '2:11 rules[0].name: has no threshold: expected above, below or deviation.factor',
    ],
    [
      'a percentile of events',
      'signal: call.answered\nmeasure: p95\nbelow: 0.4',
      '5:14 rules[0].measure: call.answered has no percentiles: expected ratio or count, got "p95"',
    ],
    [
      'percent where a ratio is meant',
      'signal: call.answered\nmeasure: ratio\nbelow: 40',
      '6:12 rules[0].below: a ratio is from 0 to 1: expected 0.4 for 40 %, got "40"',
    ],
    [
      'percent where a percentile of a ratio is meant',
      'signal: interval.lossRatio\nmeasure: p95\nabove: 3',
      '6:12 rules[0].above: interval.lossRatio is from 0 to 1: expected 0.03 for 3 %, got "3"',
    ],
    [
      'a share without the value from which samples are bad',
      'signal: interval.jitterMs\nmeasure: share\nabove: 0.1',
      '2:5 rules[0].bad: has to be given: from where on is a sample of interval.jitterMs bad?',
    ],
    [
      'a signal that is mistyped',
      'signal: interval.jiterMs\nmeasure: p95\nabove: 30',
      '4:13 rules[0].signal: no such signal "interval.jiterMs"; did you mean interval.jitterMs?',
    ],
    [
      'a setting that does not exist',
      'signal: interval.jitterMs\nmeasure: p95\nabov: 30',
      '6:5 rules[0].abov: no such setting; did you mean above?',
    ],
    [
      'a window that is no time',
      'signal: interval.jitterMs\nmeasure: p95\nabove: 30\nwindow: long',
      '7:13 rules[0].window: expected ',
    ],
    [
      'more bad windows than are looked at',
      'signal: interval.jitterMs\nmeasure: p95\nabove: 30\nwindows: { bad: 3, of: 2 }',
      '7:21 rules[0].windows.bad: expected at most windows.of, which is 2, got "3"',
    ],
    [
      'an inhibitor that does not exist',
      'signal: interval.jitterMs\nmeasure: p95\nabove: 30\ninhibitedBy: [Other]',
      '7:19 rules[0].inhibitedBy[0]: no such rule "Other"; expected the name of another rule',
    ],
    [
      'a deviation that is none',
      'signal: registration.rounds\nmeasure: count\ndeviation: { factor: 1 }',
      '6:26 rules[0].deviation.factor: expected more than 1 times the usual, got "1"',
    ],
  ])('refuses %s, and says where', (_, body, expected) => {
    const found = problems(rule(body));
    expect(found.some((text) => text.startsWith(expected)) ? expected : found).toBe(expected);
  });

  test('refuses rules that inhibit each other, and names given twice', () => {
    const two = (inhibitor: string): string => `rules:
  - { name: A, summary: a, signal: call.any, measure: count, above: 1, inhibitedBy: [${inhibitor}] }
  - { name: ${inhibitor}, summary: b, signal: call.any, measure: count, above: 1, inhibitedBy: [A] }
`;
    expect(problems(two('B'))[0]).toContain('is inhibited by what it inhibits itself');
    expect(problems(two('A')).join('\n')).toContain('"A" is rules[0] already');
  });

  test('refuses a time zone that there is not, and hours that end before they begin', () => {
    const found = problems(
      'timeZone: Mars/Olympus\nbusinessHours: { from: "18:00", to: "08:00" }\nrules: []',
    );
    expect(found.join('\n')).toContain('expected the name of a time zone such as Europe/Berlin');
    expect(found.join('\n')).toContain('expected a time after 18:00, got "08:00"');
  });

  test('warns of a percentile that is one sample', () => {
    const read = readRules(rule('signal: interval.jitterMs\nmeasure: p99\nabove: 30\nminSamples: 20'), {});
    expect(read.ok && read.warnings[0]?.text).toBe(
      'p99 of fewer than 100 samples is the worst one alone; got "20"',
    );
  });
});
