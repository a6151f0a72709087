import type { RegistrationRecord } from '../records/signalling-record.ts';
import type { FindingRecord } from '../records/types.ts';

/** Told what registrations come to. */
export interface RegistrationListener {
  registrationEnded(record: RegistrationRecord): void;
  registrationFinding(finding: FindingRecord): void;
  /** One round of REGISTER is over; `delayMs` of one that registered, its challenge included. */
  registrationAttempt(outcome: 'succeeded' | 'failed', delayMs: number | null): void;
  /** Whether answers to what a host (`senderHost`) asks pass the tap. */
  answersVisible(host: number): boolean;
}
