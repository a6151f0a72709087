import type { Scenario } from '../../src/synth/scenario.ts';
import { NEGATIVE, POSITIVE } from '../calls/findings/scenarios.ts';
import { ACROSS_NEGATIVE, ACROSS_POSITIVE } from './across-cases.ts';
import { PRIVATE_CASES, SOURCE_CASES, STRANGER_CASES, TARGET_CASES } from './address-cases.ts';
import { CAPTURE_CASES } from './capture-cases.ts';
import type { CaseFile, FindingCase, Label } from './case.ts';
import { COMBINED_CASES, ODD_CASES } from './combined-cases.ts';
import { FOREIGN_BYE_CASES } from './foreign-bye-cases.ts';
import { ICMP_NEGATIVE, ICMP_POSITIVE } from './icmp-cases.ts';
import { LOSS_CASES, LOSS_PLACE_CASES } from './loss-cases.ts';
import { MOVED_CASES, STAYED_CASES } from './moved-cases.ts';
import * as negotiation from './negotiation-cases.ts';
import * as normal from './normal-cases.ts';
import { PATH_CASES } from './path-cases.ts';
import { ABSENCE_CASES, GAP_CASES, LATE_CASES, SILENCE_CASES, STOPPED_CASES } from './presence-cases.ts';
import { REGISTRATION_CASES } from './registration-cases.ts';
import { SCAN_CASES } from './scan-cases.ts';
import { SEVERAL_CASES } from './several-cases.ts';
import { T38_NEGATIVE, T38_POSITIVE } from './t38-cases.ts';
import {
  BEAT_CASES,
  CLOCK_CASES,
  DELAY_CASES,
  JITTER_CASES,
  ORDER_CASES,
  QUEUE_CASES,
} from './timing-cases.ts';
import { WIFI_CASES } from './wifi-cases.ts';

/** What such cases do beside. */
const BESIDE: { name: RegExp; allowed: NonNullable<FindingCase['allowed']> }[] = [
  { name: /^media passes elsewhere/, allowed: { one_way_media: 'nothing is seen of it but its errors' } },
  { name: /^a port left for another/, allowed: { rtp_to_wrong_address: 'packets follow late' } },
  { name: /behind NAT/, allowed: { source_differs_from_sdp: 'that is what NAT does' } },
  { name: /only the (caller|callee) is seen/, allowed: { capture_one_sided: 'media too, of one side only' } },
  { name: /answer of other codecs/, allowed: { dtmf_mismatch: 'the answer is of one codec and no events' } },
];

/** Cases of other tests, taken in: here everything else is looked at as well. */
const plain = (cases: readonly { name: string; scenario: Scenario; codes: string[] }[]): FindingCase[] =>
  cases.map(({ name, scenario, codes }) => {
    const beside = BESIDE.find((each) => each.name.test(name));
    const labelled = { name, scenario, expected: codes as Label[] };
    return beside === undefined ? labelled : { ...labelled, allowed: beside.allowed };
  });

/** All there is to examine. Cases of further detectors are a file of their own and a line here. */
export const CASE_FILES: readonly CaseFile[] = [
  { name: 'loss', cases: LOSS_CASES, drawn: true },
  { name: 'place of loss', cases: LOSS_PLACE_CASES, drawn: true },
  { name: 'jitter', cases: JITTER_CASES, drawn: true },
  { name: 'queues', cases: QUEUE_CASES },
  { name: 'clocks', cases: CLOCK_CASES, drawn: true },
  { name: 'delay', cases: DELAY_CASES },
  { name: 'order', cases: ORDER_CASES },
  { name: 'beats', cases: BEAT_CASES },
  { name: 'Wi-Fi', cases: WIFI_CASES, drawn: true },
  { name: 'path', cases: PATH_CASES, drawn: true },
  { name: 'absence', cases: ABSENCE_CASES },
  { name: 'late media', cases: LATE_CASES },
  { name: 'stopped media', cases: STOPPED_CASES },
  { name: 'gaps', cases: GAP_CASES, drawn: true },
  { name: 'dead air', cases: SILENCE_CASES },
  { name: 'sources', cases: SOURCE_CASES },
  { name: 'private addresses', cases: PRIVATE_CASES },
  { name: 'targets', cases: TARGET_CASES },
  { name: 'strangers', cases: STRANGER_CASES },
  { name: 'payload types', cases: negotiation.TYPE_CASES },
  { name: 'codecs', cases: negotiation.CODEC_CASES },
  { name: 'packet times', cases: negotiation.PTIME_CASES },
  { name: 'clock rates', cases: negotiation.CLOCK_RATE_CASES },
  { name: 'encryption', cases: negotiation.ENCRYPTION_CASES },
  { name: 'digits', cases: negotiation.DIGIT_CASES },
  { name: 'fax', cases: negotiation.FAX_CASES },
  { name: 'hold', cases: normal.HOLD_CASES },
  { name: 'silence suppression', cases: normal.SILENCE_SUPPRESSION_CASES, drawn: true },
  { name: 'set-up', cases: normal.SETUP_CASES },
  { name: 'edges of the capture', cases: normal.CAPTURE_EDGE_CASES },
  { name: 'streams', cases: normal.STREAM_CASES, drawn: true },
  { name: 'combined', cases: COMBINED_CASES, drawn: true },
  { name: 'odd', cases: ODD_CASES, drawn: true },
  { name: 'several calls', cases: SEVERAL_CASES, drawn: true },
  { name: 'refused media', cases: plain([...ICMP_POSITIVE, ...ICMP_NEGATIVE]) },
  { name: 'T.38', cases: plain([...T38_POSITIVE, ...T38_NEGATIVE]) },
  { name: 'moved media', cases: [...MOVED_CASES, ...STAYED_CASES] },
  { name: 'side by side', cases: ACROSS_POSITIVE },
  { name: 'not shared', cases: ACROSS_NEGATIVE },
  { name: 'capture', cases: CAPTURE_CASES },
  { name: 'foreign BYEs', cases: FOREIGN_BYE_CASES },
  { name: 'registrations', cases: REGISTRATION_CASES },
  { name: 'scans', cases: SCAN_CASES },
  { name: 'signalling', cases: plain([...POSITIVE, ...NEGATIVE]) },
];
