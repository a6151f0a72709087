import type { RegistrationRecord } from '../records/signalling-record.ts';
import type { FindingRecord } from '../records/types.ts';

/** Told what registrations come to. */
export interface RegistrationListener {
  registrationEnded(record: RegistrationRecord): void;
  registrationFinding(finding: FindingRecord): void;
  /** One round of REGISTER is over; `delayMs` of one that registered, its challenge included. */
  registrationAttempt(outcome: 'succeeded' | 'failed' | 'ofScan', delayMs: number | null): void;
  /** Whether what a program at an address asks at that time is part of a scan, which is told as such. */
  isScan(source: string | null, userAgent: string | null, atUs: number): boolean;
  /** Whether answers to what a host (`senderHost`) asks pass the tap. */
  answersVisible(host: number): boolean;
}
