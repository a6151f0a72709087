import type { HeardHosts } from '../calls/heard-hosts.ts';
import type { SignallingOptions } from '../calls/options.ts';
import type { SignallingRatios } from '../calls/signalling-ratios.ts';
import type { RecordSink } from '../records/types.ts';
import { Registrations } from '../registrations/registrations.ts';
import type { RegistrationThresholds } from '../registrations/thresholds.ts';
import { Scans } from '../scans/scans.ts';
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

/**
 * Who registers, who asks whom whether it is there, and who only looks for what there is: a telephone that registers is
 * no trunk, and what fails for a scan is no failure.
 */
export function outsideCalls({ sink, heard, ratios, telephones, thresholds }: OutsideParts): {
  registrations: Registrations;
  trunks: Trunks;
  scans: Scans;
} {
  const scans: Scans = new Scans({
    scanFinding: (finding) => sink.finding(finding),
    isGuessing: (source, atUs) => registrations.isGuessing(source, atUs),
  });
  const registrations: Registrations = new Registrations(
    {
      registrationEnded: (record) => sink.registration?.(record),
      registrationFinding: (finding) => sink.finding(finding),
      registrationAttempt: (outcome, delayMs) => ratios.addRegistration(outcome, delayMs),
      answersVisible: (host) => heard.has(host),
      isScan: (source, userAgent, atUs) => scans.isScan(source, userAgent, atUs),
    },
    thresholds,
  );
  const trunks = new Trunks(
    (record) => sink.trunk?.(record),
    (host) => heard.has(host),
    (party) => registrations.table.isContact(party) || isAmong(telephones, party),
  );
  return { registrations, trunks, scans };
}
