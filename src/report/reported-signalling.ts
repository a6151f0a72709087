import type { CallSignalling } from '../records/call-signalling.ts';
import type { DelaySummary } from '../records/delay-sample.ts';
import type {
  RegistrationRecord,
  Share,
  SignallingRecord,
  TrunkRecord,
} from '../records/signalling-record.ts';
import { isoMicros } from './iso-time.ts';
import { roundMs, roundRatio } from './rounding.ts';
import type {
  ReportCallSignalling,
  ReportRegistration,
  ReportSignalling,
  ReportTrunk,
} from './signalling-contract.ts';

/** What signalling said of one call, as the contract prints it. */
export function reportedCallSignalling(signalling: CallSignalling): ReportCallSignalling {
  return {
    ...signalling,
    firstResponseMs: roundMs(signalling.firstResponseMs),
    sessionRequestDelayMs: roundMs(signalling.sessionRequestDelayMs),
    ringMs: roundMs(signalling.ringMs),
    sessionDisconnectDelayMs: roundMs(signalling.sessionDisconnectDelayMs),
    transfers: signalling.transfers.map(({ startUs, ...transfer }) => ({
      ...transfer,
      startTime: isoMicros(startUs),
    })),
  };
}

/** Ratios and delays of the capture as the contract prints them. */
export function reportedSignalling(signalling: SignallingRecord): ReportSignalling {
  const { ratios, delays, sessions, peakCalls, peakAttempts } = signalling;
  return {
    ...signalling,
    ratios: {
      ser: share(ratios.ser),
      seer: share(ratios.seer),
      isa: share(ratios.isa),
      scr: share(ratios.scr),
      ira: share(ratios.ira),
      asr: share(ratios.asr),
      ner: share(ratios.ner),
      abr: share(ratios.abr),
    },
    delays: {
      srdSuccess: delay(delays.srdSuccess),
      srdFailure: delay(delays.srdFailure),
      pdd: delay(delays.pdd),
      ringing: delay(delays.ringing),
      sdd: delay(delays.sdd),
      rrd: delay(delays.rrd),
    },
    sessions: { completed: delay(sessions.completed), died: delay(sessions.died) },
    peakCalls: { calls: peakCalls.calls, time: isoMicros(peakCalls.timeUs) },
    peakAttempts: { attempts: peakAttempts.attempts, time: isoMicros(peakAttempts.timeUs) },
  };
}

function share({ numerator, denominator, ratio }: Share): Share {
  return { numerator, denominator, ratio: roundRatio(ratio) };
}

function delay({ count, meanMs, p50Ms, p95Ms, maxMs }: DelaySummary): DelaySummary {
  return {
    count,
    meanMs: roundMs(meanMs),
    p50Ms: roundMs(p50Ms),
    p95Ms: roundMs(p95Ms),
    maxMs: roundMs(maxMs),
  };
}

/** A registration as the contract prints it. */
export function reportedRegistration(record: RegistrationRecord): ReportRegistration {
  const { startUs, registeredUs, refreshedUs, expiresUs, delayMs, ...rest } = record;
  return {
    ...rest,
    startTime: isoMicros(startUs),
    registeredTime: isoMicros(registeredUs),
    refreshedTime: isoMicros(refreshedUs),
    expiresTime: isoMicros(expiresUs),
    delayMs: { mean: roundMs(delayMs.mean), max: roundMs(delayMs.max) },
  };
}

/** A trunk as the contract prints it. */
export function reportedTrunk(record: TrunkRecord): ReportTrunk {
  const { startUs, endUs, transitions, ...rest } = record;
  return {
    ...rest,
    startTime: isoMicros(startUs),
    endTime: isoMicros(endUs),
    intervalMs: roundMs(record.intervalMs),
    delay: delay(record.delay),
    transitions: transitions.map(({ timeUs, state }) => ({ time: isoMicros(timeUs), state })),
    downMs: roundMs(record.downMs) ?? 0,
  };
}
