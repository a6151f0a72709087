/** What a payload type means to the measurement: which rules of the jitter estimator apply to its packets. */
export const KIND_AUDIO = 0;
/** RFC 4733 telephone events: counted in the sequence space, kept out of jitter. */
export const KIND_EVENT = 1;
/** Comfort noise (RFC 3389): kept out of the D2 jitter, marks silence. */
export const KIND_COMFORT_NOISE = 2;
/** Video and other media: measured like audio, never scored. */
export const KIND_OTHER = 3;

/** The codec that a payload type stands for in one direction of one call, at one time. */
export interface PayloadFormat {
  /** Encoding name as registered, upper case except where custom differs (`opus`, `telephone-event`). */
  name: string;
  clockRate: number;
  kind: number;
  /** Payloads of at most this many octets are silence descriptors of the codec; 0 for none. */
  silenceOctetsMax: number;
  /** SDP format parameters, for the codec's mode; null when unknown. */
  fmtp: string | null;
  source: 'sdp' | 'static' | 'inferred';
}

/** RFC 3551 tables 4 and 5: payload types with a fixed meaning. 9 is G722 at 8000 by historic error. */
const STATIC_TYPES: ReadonlyMap<number, readonly [name: string, clockRate: number]> = new Map([
  [0, ['PCMU', 8000]],
  [3, ['GSM', 8000]],
  [4, ['G723', 8000]],
  [5, ['DVI4', 8000]],
  [6, ['DVI4', 16000]],
  [7, ['LPC', 8000]],
  [8, ['PCMA', 8000]],
  [9, ['G722', 8000]],
  [10, ['L16', 44100]],
  [11, ['L16', 44100]],
  [12, ['QCELP', 8000]],
  [13, ['CN', 8000]],
  [14, ['MPA', 90000]],
  [15, ['G728', 8000]],
  [16, ['DVI4', 11025]],
  [17, ['DVI4', 22050]],
  [18, ['G729', 8000]],
  [19, ['CN', 8000]],
  [25, ['CelB', 90000]],
  [26, ['JPEG', 90000]],
  [28, ['nv', 90000]],
  [31, ['H261', 90000]],
  [32, ['MPV', 90000]],
  [33, ['MP2T', 90000]],
  [34, ['H263', 90000]],
]);

const VIDEO_NAMES = new Set([
  'CELB',
  'JPEG',
  'NV',
  'H261',
  'H263',
  'H263-1998',
  'H263-2000',
  'H264',
  'H265',
  'VP8',
  'VP9',
  'AV1',
  'MPV',
  'MP2T',
  'RTX',
  'ULPFEC',
  'FLEXFEC',
  'T140',
]); // prettier keeps this list short

/**
 * The format behind an encoding name and clock rate: its kind and its silence-descriptor rule.
 * Silence descriptors: G.729B 2 octets, G.723.1 4, AMR and AMR-WB 7 (39 or 40 bits and the headers, RFC 4867), EVS 6 (48
 * bits in the compact format, TS 26.445 A.2.1; with a header it is as long as the shortest speech frame).
 */
export function payloadFormat(
  name: string,
  clockRate: number,
  source: PayloadFormat['source'],
  fmtp: string | null = null,
): PayloadFormat {
  const upper = name.toUpperCase();
  let kind = KIND_AUDIO;
  if (upper === 'TELEPHONE-EVENT' || upper === 'TONE') kind = KIND_EVENT;
  else if (upper === 'CN') kind = KIND_COMFORT_NOISE;
  else if (VIDEO_NAMES.has(upper)) kind = KIND_OTHER;
  let silenceOctetsMax = 0;
  if (upper === 'G729' || upper === 'G729A') silenceOctetsMax = 2;
  else if (upper === 'G723') silenceOctetsMax = 4;
  else if (upper === 'AMR' || upper === 'AMR-WB') silenceOctetsMax = 7;
  else if (upper === 'EVS') silenceOctetsMax = 6;
  return { name, clockRate, kind, silenceOctetsMax, fmtp, source };
}

/** The fixed meaning of a payload type below 96 (RFC 3551 section 6), or null when it has none. */
export function staticFormat(payloadType: number): PayloadFormat | null {
  const entry = STATIC_TYPES.get(payloadType);
  return entry === undefined ? null : payloadFormat(entry[0], entry[1], 'static');
}

/** True for payload types RFC 3551 leaves unassigned or reserves: no honest sender uses them unannounced. */
export function isUnassignedType(payloadType: number): boolean {
  return payloadType < 96 && !STATIC_TYPES.has(payloadType) && payloadType !== 1 && payloadType !== 2;
}
