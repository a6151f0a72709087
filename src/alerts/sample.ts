import type { AlertInput } from './input.ts';
import type { Rule } from './rule.ts';
import type { Sample } from './series.ts';

/** MOS below which listeners notice (G.107 Annex B: some are dissatisfied). */
const HEARD_MOS = 3.6;

/** The sample that a record is for a rule; null when it is none. */
export function sampleOf({ signal }: Rule, record: AlertInput): Sample | null {
  const value = signal.read(record);
  if (value === null || Number.isNaN(value)) return null;
  const total = signal.readTotal === undefined ? 1 : signal.readTotal(record);
  if (signal.kind === 'parts' && total === 0) return null;
  return {
    value,
    total,
    callId: 'callId' in record ? record.callId : null,
    streamId: 'streamId' in record ? record.streamId : record.type === 'stream' ? record.id : null,
    code: record.type === 'call' && record.finalCode !== null ? String(record.finalCode) : null,
    heard: isHeard(record),
    impairments: record.type === 'interval' ? record.impairments : null,
  };
}

function isHeard(record: AlertInput): boolean {
  if (record.type !== 'interval') return false;
  const mos = record.mosCq ?? record.mosLq;
  return mos !== null && mos < HEARD_MOS;
}
