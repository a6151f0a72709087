import type { CallSignalling, SessionTimerRecord, TransferRecord } from '../records/call-signalling.ts';
import type { DelaySummary } from '../records/delay-sample.ts';
import type { RegistrationRecord, SignallingRecord, TrunkRecord } from '../records/signalling-record.ts';
import type { Timestamp } from './contract.ts';

/** `signalling` of a call. */
export interface ReportCallSignalling extends Omit<CallSignalling, 'transfers' | 'sessionTimer'> {
  sessionTimer: SessionTimerRecord | null;
  transfers: (Omit<TransferRecord, 'startUs'> & { startTime: Timestamp })[];
}

/** `signalling` of the report. */
export interface ReportSignalling extends Omit<SignallingRecord, 'peakCalls' | 'peakAttempts'> {
  peakCalls: { calls: number; time: Timestamp };
  peakAttempts: { attempts: number; time: Timestamp };
}

/** One of `registrations`. */
export interface ReportRegistration
  extends Omit<RegistrationRecord, 'startUs' | 'registeredUs' | 'refreshedUs' | 'expiresUs'> {
  startTime: Timestamp;
  registeredTime: Timestamp;
  refreshedTime: Timestamp;
  expiresTime: Timestamp;
}

/** One of `trunks`. */
export interface ReportTrunk extends Omit<TrunkRecord, 'startUs' | 'endUs' | 'transitions'> {
  startTime: Timestamp;
  endTime: Timestamp;
  transitions: { time: Timestamp; state: 'up' | 'down' }[];
}

export type ReportDelay = DelaySummary;
