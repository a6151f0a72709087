import type { CallSpec } from '../../src/synth/scenario.ts';
import type { FindingCase } from './case.ts';
import { AMR, cases, G729, PCMA6, PCMU } from './settings.ts';

const OVER_UDP = [PCMU, PCMA6, G729, AMR];
const STRANGER = '198.51.100.99';
const CALL: CallSpec = { durationMs: 25_000 };

/** Somebody else ends the call for others, who go on. */
export const FOREIGN_BYE_CASES: FindingCase[] = [
  ...(['caller', 'callee'] as const).flatMap((by) =>
    cases(`a BYE of a stranger in the name of the ${by}`, ['foreign_bye'], OVER_UDP, {
      ...CALL,
      signalling: { foreignBye: { atMs: 8000, ip: STRANGER, by } },
    }),
  ),
  ...cases('a BYE of a stranger, two seconds before the end', ['foreign_bye'], OVER_UDP, {
    ...CALL,
    releasedBy: 'caller',
    signalling: { foreignBye: { atMs: 23_000, ip: STRANGER } },
  }),
  ...cases('a BYE by way of a proxy that the tap sees', [], OVER_UDP, {
    ...CALL,
    signalling: { proxy: '198.51.100.5' },
  }),
];
