import { FINDING_CODES } from '../records/finding-codes.ts';
import { CALL_SIGNALS } from './call-signals.ts';
import { CAPTURE_SIGNALS } from './capture-signals.ts';
import type { AlertInput } from './input.ts';
import { INTERVAL_SIGNALS, STREAM_SIGNALS } from './media-signals.ts';
import { ONGOING_SIGNALS } from './ongoing-signals.ts';
import type { Signal } from './signal.ts';

/** Findings as signals: `finding.CODE` is one for each finding, `call.CODE` says of each call whether it has it. */
const OF_FINDINGS: readonly Signal[] = Object.entries(FINDING_CODES).flatMap(([code, entry]): Signal[] => {
  const quality = entry.about === 'media';
  const found: Signal = {
    name: `finding.${code}`,
    doc: `findings ${code}`,
    kind: 'event',
    of: 'finding',
    unit: '',
    worse: 'high',
    quality,
    about: 'findings',
    read: (record) => (record.type === 'finding' && record.code === code ? 1 : null),
    metric: { numerator: `earshot_findings_total{code="${code}"}`, denominator: '' },
  };
  if (entry.about === 'capture') return [found];
  const ofCall: Signal = {
    name: `call.${code}`,
    doc: `calls with the finding ${code}`,
    kind: 'event',
    of: 'call',
    unit: '',
    worse: 'high',
    quality,
    about: 'calls',
    read: (record) => (record.type === 'call' ? (record.findings.includes(code) ? 1 : 0) : null),
    metric: {
      numerator: `earshot_findings_total{code="${code}"}`,
      denominator: 'earshot_calls_total',
      note: 'the metric counts findings, of which one call may have several',
    },
  };
  return [found, ofCall];
});

/** Every signal that a rule can name. */
export const SIGNALS: ReadonlyMap<string, Signal> = new Map(
  [
    ...INTERVAL_SIGNALS,
    ...STREAM_SIGNALS,
    ...CALL_SIGNALS,
    ...CAPTURE_SIGNALS,
    ...ONGOING_SIGNALS,
    ...OF_FINDINGS,
  ].map((signal) => [signal.name, signal]),
);

export type { AlertInput, Signal };
