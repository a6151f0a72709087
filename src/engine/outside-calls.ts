import type { HeardHosts } from '../calls/heard-hosts.ts';
import type { SignallingOptions } from '../calls/options.ts';
import type { SignallingRatios } from '../calls/signalling-ratios.ts';
import type { RecordSink } from '../records/types.ts';
import { Registrations } from '../registrations/registrations.ts';
import type { RegistrationThresholds } from '../registrations/thresholds.ts';
import { isAmong } from '../trunks/contact-marks.ts';
import { Trunks } from '../trunks/trunks.ts';

/** What signalling outside of calls is told to, and judged by. */
export interface OutsideParts {
  sink: RecordSink;
  heard: HeardHosts;
  ratios: SignallingRatios;
  telephones: SignallingOptions['telephones'];
  thresholds: Partial<RegistrationThresholds> | undefined;
}

/** Who registers, and who asks whom whether it is there: a telephone that registers is no trunk. */
export function outsideCalls({ sink, heard, ratios, telephones, thresholds }: OutsideParts): {
  registrations: Registrations;
  trunks: Trunks;
} {
  const registrations = new Registrations(
    {
      registrationEnded: (record) => sink.registration?.(record),
      registrationFinding: (finding) => sink.finding(finding),
      registrationAttempt: (outcome, delayMs) => ratios.addRegistration(outcome, delayMs),
      answersVisible: (host) => heard.has(host),
    },
    thresholds,
  );
  const trunks = new Trunks(
    (record) => sink.trunk?.(record),
    (host) => heard.has(host),
    (party) => registrations.table.isContact(party) || isAmong(telephones, party),
  );
  return { registrations, trunks };
}
