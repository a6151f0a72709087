import {
  AMR_KBPS,
  AMR_WB_KBPS,
  opusBandwidth,
  PAYLOAD_MODE,
  PAYLOAD_SILENCE,
  READER_AMR,
  READER_AMR_OCTET_ALIGNED,
  READER_AMR_WB,
  READER_AMR_WB_OCTET_ALIGNED,
  READER_EVS,
  READER_EVS_HEADER_FULL,
  READER_G723,
  READER_GSM,
  READER_ILBC,
  READER_OPUS,
} from './payload-mode.ts';

/** What the packets of a stream say about its codec. Everything is optional: absent is not observed. */
export interface ObservedPayload {
  /** Audio bandwidth of most speech packets; EVS never shows it. */
  bandwidth?: 'NB' | 'MB' | 'WB' | 'SWB' | 'FB';
  /** Mode of most speech packets, kbit/s. */
  modeKbps?: number;
  /** Payload rate while speaking, kbit/s: octets of speech packets over their audio time. */
  bitrateKbps?: number;
  /** Whether all speech packets have one size. */
  cbr?: boolean;
  /** Whether silence descriptors were seen. */
  silence?: boolean;
  /** EVS in its AMR-WB interoperable mode, GSM as enhanced full rate. */
  variant?: 'amr-wb-io' | 'gsm-efr';
}

const BANDWIDTHS = ['NB', 'MB', 'WB', 'SWB', 'FB'] as const;
/** Rates of EVS primary by index; the lowest is the variable 5.9. */
const EVS_KBPS = [5.9, 7.2, 8, 9.6, 13.2, 16.4, 24.4, 32, 48, 64, 96, 128];
const G723_KBPS = [6.3, 5.3];
const ILBC_KBPS = [15.2, 13.33];

/**
 * What counts of payload codes (`payload-mode.ts`) say: the mode, or the bandwidth, that most speech packets have. On a
 * tie the lower code, so that the answer does not depend on order.
 *
 * @param reader the reader that gave the codes
 * @param counts packets by code, `PAYLOAD_CODES` long
 */
export function observedPayload(reader: number, counts: ArrayLike<number>): ObservedPayload {
  const observed: ObservedPayload = {};
  if ((counts[PAYLOAD_SILENCE] ?? 0) > 0) observed.silence = true;
  if (reader === READER_OPUS) {
    const bandwidth = commonBandwidth(counts);
    if (bandwidth !== -1) observed.bandwidth = BANDWIDTHS[bandwidth]!;
    return observed;
  }
  const mode = commonMode(counts);
  if (mode === -1) return observed;
  const kbps = ratesOf(reader)[mode];
  if (kbps !== undefined) observed.modeKbps = kbps;
  if (reader === READER_EVS || reader === READER_EVS_HEADER_FULL) {
    if (mode >= EVS_KBPS.length) {
      observed.variant = 'amr-wb-io';
      observed.modeKbps = AMR_WB_KBPS[mode - EVS_KBPS.length]!;
    }
  } else if (reader === READER_GSM && mode === 1) observed.variant = 'gsm-efr';
  return observed;
}

function ratesOf(reader: number): readonly number[] {
  switch (reader) {
    case READER_AMR:
    case READER_AMR_OCTET_ALIGNED:
      return AMR_KBPS;
    case READER_AMR_WB:
    case READER_AMR_WB_OCTET_ALIGNED:
      return AMR_WB_KBPS;
    case READER_EVS:
    case READER_EVS_HEADER_FULL:
      return EVS_KBPS;
    case READER_G723:
      return G723_KBPS;
    case READER_ILBC:
      return ILBC_KBPS;
    default:
      return [];
  }
}

function commonMode(counts: ArrayLike<number>): number {
  let best = -1;
  let most = 0;
  for (let code = PAYLOAD_MODE; code < counts.length; code++) {
    if (counts[code]! > most) {
      most = counts[code]!;
      best = code - PAYLOAD_MODE;
    }
  }
  return best;
}

function commonBandwidth(counts: ArrayLike<number>): number {
  const packets = [0, 0, 0, 0, 0];
  for (let code = PAYLOAD_MODE; code < counts.length; code++) {
    const bandwidth = opusBandwidth(code);
    if (bandwidth !== -1) packets[bandwidth]! += counts[code]!;
  }
  const most = Math.max(...packets);
  return most > 0 ? packets.indexOf(most) : -1;
}
