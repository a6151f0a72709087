import type { FindingCode } from '../../records/finding-codes.ts';
import type { Severity } from '../../records/types.ts';

/** Something people say of a call, and what there is to find of it on the wire. */
export interface Symptom {
  name: string;
  /** In the words of a user. */
  says: string;
  /** Findings that are what the user says. */
  shows: readonly FindingCode[];
  /** Of these, findings that show it from a severity on only: what was milder was not heard so. */
  atLeast?: Partial<Record<FindingCode, Severity>>;
  /** Findings that may be behind it or beside it, and do not show it. */
  hints: readonly FindingCode[];
  /** Whether time with a bad score by loss or discards is what the user says, too. */
  badScore: boolean;
  /** Whether it is about what was heard: then it takes media to tell. */
  ofMedia: boolean;
  /** Why no capture can show it; null for what can be seen. */
  beyond: string | null;
}

/** What people say, one word each. docs/replay.md has the table. */
export const SYMPTOMS: readonly Symptom[] = [
  {
    name: 'one-way',
    says: 'one side heard nothing, or nobody heard anything',
    shows: ['one_way_media', 'no_media', 'media_stopped', 'media_moved', 'dead_air', 'media_rejected'],
    atLeast: { media_moved: 'critical' },
    hints: [
      'late_media',
      'private_sdp_address',
      'rtp_to_wrong_address',
      'source_differs_from_sdp',
      'encryption_mismatch',
      'payload_type_not_negotiated',
      'codec_mismatch',
      'state_timeout',
    ],
    badScore: false,
    ofMedia: true,
    beyond: null,
  },
  {
    name: 'choppy',
    says: 'words were missing, robotic or broken sound',
    shows: [
      'random_loss',
      'burst_loss',
      'critical_loss',
      'late_discard',
      'media_interrupted',
      'media_moved',
      'sender_paused',
      'periodic_impairment',
      'loss_before_probe',
      'loss_after_probe',
    ],
    atLeast: { media_moved: 'warning' },
    hints: [
      'high_jitter',
      'queueing',
      'path_change',
      'reordering',
      'clock_drift',
      'clock_rate_mismatch',
      'ptime_mismatch',
      'codec_changed',
      'unexpected_rtp',
      'dscp_unmarked',
      'dscp_changed',
      'shared_onset',
    ],
    badScore: true,
    ofMedia: true,
    beyond: null,
  },
  {
    name: 'drops',
    says: 'the call was cut off',
    shows: ['call_dropped', 'foreign_bye', 'state_timeout', 'media_stopped'],
    hints: [
      'short_call',
      'in_dialog_request_unanswered',
      'transfer_failed',
      'media_interrupted',
      'sip_retransmissions',
    ],
    badScore: false,
    ofMedia: false,
    beyond: null,
  },
  {
    name: 'no-ring',
    says: 'the call did not get through, or the telephone did not ring',
    shows: [
      'setup_failed',
      'setup_timeout',
      'slow_setup',
      'codec_negotiation_failed',
      'registered_unreachable',
      'registration_lost',
      'registration_failed',
    ],
    hints: ['registration_flapping', 'sip_retransmissions', 'sdp_invalid'],
    badScore: false,
    ofMedia: false,
    beyond: null,
  },
  {
    name: 'delay',
    says: 'the other side answered late, both spoke at once',
    shows: ['high_delay'],
    hints: ['path_change', 'queueing', 'late_media', 'slow_setup', 'clock_drift'],
    badScore: false,
    ofMedia: true,
    beyond: null,
  },
  {
    name: 'dtmf',
    says: 'keys that were pressed had no effect',
    shows: ['dtmf_mismatch'],
    hints: [
      'payload_type_not_negotiated',
      'one_way_media',
      'media_stopped',
      'random_loss',
      'burst_loss',
      'codec_changed',
    ],
    badScore: false,
    ofMedia: true,
    beyond: null,
  },
  {
    name: 'echo',
    says: 'echo, noise, hum, or too low a voice',
    shows: [],
    hints: ['high_delay', 'unexpected_rtp', 'codec_mismatch'],
    badScore: false,
    ofMedia: true,
    beyond: 'no audio is decoded here: echo, noise and level are in no capture of headers',
  },
];

const RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };

/** Whether a finding is what the user says. */
export function isShownBy({ shows, atLeast }: Symptom, code: string, severity: Severity): boolean {
  const shown = shows.find((each) => each === code);
  return shown !== undefined && RANK[severity] >= RANK[atLeast?.[shown] ?? 'info'];
}

/** Other words for them. */
const ALSO: Readonly<Record<string, string>> = {
  'one-way-audio': 'one-way',
  oneway: 'one-way',
  silence: 'one-way',
  'no-audio': 'one-way',
  robotic: 'choppy',
  stutter: 'choppy',
  broken: 'choppy',
  dropped: 'drops',
  'cut-off': 'drops',
  'not-ringing': 'no-ring',
  failed: 'no-ring',
  late: 'delay',
  lag: 'delay',
  keys: 'dtmf',
  digits: 'dtmf',
  noise: 'echo',
};

export type ParsedSymptom = { ok: true; symptom: Symptom } | { ok: false; message: string };

/** Which of some names a mistyped one was meant to be; null when none is near. */
export type Suggest = (written: string, names: readonly string[]) => string | null;

/** A symptom by its name or another word for it. */
export function parseSymptom(text: string, suggest: Suggest): ParsedSymptom {
  const word = text
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '-');
  const name = ALSO[word] ?? word;
  const symptom = SYMPTOMS.find((each) => each.name === name);
  if (symptom !== undefined) return { ok: true, symptom };
  const names = SYMPTOMS.map((each) => each.name);
  const meant = suggest(word, [...names, ...Object.keys(ALSO)]);
  const hint = meant === null ? '' : `; did you mean ${ALSO[meant] ?? meant}?`;
  return { ok: false, message: `expected one of ${names.join(', ')}${hint}` };
}
