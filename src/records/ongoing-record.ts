import type { CallSignalling } from './call-signalling.ts';
import type { Direction, Severity } from './types.ts';

/** What is wrong with a call that is still up, told before it is judged: its finding may follow when it is over. */
export interface OngoingRecord {
  code: 'one_way_media' | 'no_media' | 'media_stopped';
  severity: Severity;
  callId: string;
  /** The direction that is missing; null where both are. */
  direction: Direction | null;
  from: string | null;
  to: string | null;
  /** Since when media was due, or its last packet, and when this was told. */
  startUs: number;
  timeUs: number;
  text: string;
  emergency: boolean;
  signalling: CallSignalling;
}
