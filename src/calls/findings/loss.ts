import type { FindingRecord, StreamRecord } from '../../records/types.ts';
import type { DelayPicture } from './delay-picture.ts';
import { aboutStream, percentText, secondsText } from './finding.ts';
import { besideDelayEvidence, besideDelayText, delayBesideLoss } from './loss-beside-delay.ts';
import {
  holeMs,
  type LossShare,
  longestHoleText,
  lossShare,
  oneHoleText,
  otherRuns,
  shareEvidence,
  shareText,
  withoutText,
} from './loss-share.ts';
import { missingPieces, type Piece } from './media-gaps.ts';
import type { Thresholds } from './thresholds.ts';

/** Loss without the seconds that are missing in one piece: those are media_interrupted. */
export interface PlainLoss {
  lost: number;
  expected: number;
  ratio: number;
  runs: number;
  longestRun: number;
  burstR: number;
}

/** At most one of random, burst and critical loss: they exclude each other on one stream. */
export function lossFinding(
  stream: StreamRecord,
  limits: Thresholds,
  delay: DelayPicture,
): FindingRecord | null {
  const loss = plainLoss(stream, limits);
  if (loss.expected < limits.expectedMin) return null;
  if (loss.ratio >= limits.lossWarningRatio) return wholeLoss(stream, loss, limits, delay);
  return stretchLoss(stream, loss, limits);
}

/** The loss of a stream, interruptions taken out. */
export function plainLoss(stream: StreamRecord, limits: Thresholds): PlainLoss {
  const { burst } = stream;
  const pieces = missingPieces(stream, limits);
  const taken = pieces.reduce((sum, { missing }) => sum + (missing ?? 0), 0);
  const cut = pieces.filter(({ missing }) => (missing ?? 0) > 0).length;
  const lost = Math.max(0, stream.lost - taken);
  const expected = Math.max(0, stream.expected - taken);
  if (cut === 0) {
    const { lossRuns: runs, longestLossRun: longestRun, burstR } = burst;
    return { lost, expected, ratio: stream.lostRatio, runs, longestRun, burstR };
  }
  const runs = Math.max(lost > 0 ? 1 : 0, burst.lossRuns - cut);
  const ratio = expected > 0 ? lost / expected : 0;
  return {
    lost,
    expected,
    ratio,
    runs,
    longestRun: longestOtherRun(stream, pieces),
    // G.107 7.5: mean run over that of independent loss.
    burstR: runs === 0 ? 1 : (lost / runs) * (1 - ratio),
  };
}

function longestOtherRun(stream: StreamRecord, pieces: readonly Piece[]): number {
  return otherRuns(stream, pieces).reduce((longest, { packets }) => Math.max(longest, packets), 0);
}

function wholeLoss(
  stream: StreamRecord,
  loss: PlainLoss,
  limits: Thresholds,
  delay: DelayPicture,
): FindingRecord {
  const severity = loss.ratio >= limits.lossCriticalRatio ? 'critical' : 'warning';
  const share = lossShare(stream, loss, missingPieces(stream, limits));
  const span = { startUs: share.startUs, endUs: share.endUs };
  const beside = delayBesideLoss(stream, delay);
  const longestLossMs = holeMs(stream, loss.longestRun);
  const evidence = {
    lostRatio: loss.ratio,
    ...shareEvidence(share),
    lost: loss.lost,
    expected: loss.expected,
    burstR: loss.burstR,
    bursts: stream.burst.bursts,
    longestLossRun: loss.longestRun,
    longestLossMs,
    ...besideDelayEvidence(beside),
  };
  const critical = heardAlone(stream, loss, limits);
  if (critical !== null) {
    return aboutStream(stream, {
      code: 'critical_loss',
      severity,
      text: `${shareText(share, ' one by one')}: ${critical.why}`,
      evidence: { ...evidence, ptimeMs: stream.ptimeMs, everyPackets: critical.everyPackets },
      ...span,
    });
  }
  const bursty = isBursty(loss, limits);
  const evenly = `${shareText(share, '')}, spread evenly (longest run ${loss.longestRun}${longestHoleText(longestLossMs, ', ')})`;
  return aboutStream(stream, {
    code: bursty ? 'burst_loss' : 'random_loss',
    severity,
    text: (bursty ? burstText(loss, share, longestLossMs) : evenly) + besideDelayText(beside),
    evidence,
    ...span,
  });
}

function burstText(loss: PlainLoss, share: LossShare, longestMs: number | null): string {
  if (loss.runs === 1) {
    return `${oneHoleText(longestMs, loss.longestRun)}, ${percentText(loss.ratio)} % of the whole stream${withoutText(share)}`;
  }
  const hole = longestMs === null ? '' : ` (${longestHoleText(longestMs, '')})`;
  return (
    `${shareText(share, ' in bursts')}: up to ${loss.longestRun} in a row${hole}, ` +
    `runs ${loss.burstR.toFixed(1)} times as long as random loss would make them`
  );
}

function isBursty(loss: PlainLoss, limits: Thresholds): boolean {
  return loss.burstR >= limits.burstyRatio;
}

/** Isolated losses that are heard one by one: packets too long to conceal, or a beat the ear catches. */
function heardAlone(
  stream: StreamRecord,
  loss: PlainLoss,
  limits: Thresholds,
): { why: string; everyPackets: number | null } | null {
  if (stream.burst.bursts > 0 || loss.longestRun > 1) return null;
  const everyPackets = regularDistance(stream);
  const ptimeMs = stream.ptimeMs ?? 0;
  if (ptimeMs >= limits.unconcealedPtimeMs) {
    return { why: `each takes ${ptimeMs.toFixed(0)} ms, too long to be concealed`, everyPackets };
  }
  if (everyPackets === null) return null;
  return { why: `one of every ${everyPackets.toFixed(0)}, so regular that it is heard`, everyPackets };
}

const REGULAR_LOSSES_MIN = 5;
/** Coefficient of variation of the distances; independent losses have 1. */
const REGULAR_VARIATION_MAX = 0.15;

/** Packets from one loss to the next when that is always about the same; null when it is not. */
function regularDistance(stream: StreamRecord): number | null {
  const { losses } = stream.history;
  const ptimeMs = stream.ptimeMs;
  if (ptimeMs === null || ptimeMs <= 0 || losses.length < REGULAR_LOSSES_MIN) return null;
  const distances: number[] = [];
  for (let i = 1; i < losses.length; i++) distances.push((losses.atMs(i) - losses.atMs(i - 1)) / ptimeMs);
  const mean = distances.reduce((sum, d) => sum + d, 0) / distances.length;
  const variance = distances.reduce((sum, d) => sum + (d - mean) ** 2, 0) / distances.length;
  return Math.sqrt(variance) <= REGULAR_VARIATION_MAX * mean ? mean : null;
}

/** A stream that is good over all, with seconds in it that are not. */
function stretchLoss(stream: StreamRecord, loss: PlainLoss, limits: Thresholds): FindingRecord | null {
  const worst = worstStretch(stream, limits);
  if (worst === null) return null;
  const pieces = missingPieces(stream, limits);
  const whole = { ...loss, ...lossShare(stream, loss, pieces) };
  const ratio = worst.lost / worst.expected;
  const burstR = worst.runs === 0 ? 1 : (worst.lost / worst.runs) * (1 - ratio);
  const bursty = burstR >= limits.burstyRatio;
  const runs = otherRuns(stream, pieces).filter(
    ({ fromUs, toUs }) => fromUs < worst.endUs && toUs > worst.startUs,
  );
  const longestLossRun = Math.max(...runs.map(({ packets }) => packets), 0) || whole.longestRun;
  const longestLossMs = holeMs(stream, longestLossRun);
  const hole = runs.length === 1 && stream.history.losses.dropped === 0 ? runs[0]! : null;
  const ofWhole = `${percentText(whole.ratio)} % of the whole stream${withoutText(whole)}`;
  const spanMs = (worst.endUs - worst.startUs) / 1000;
  return aboutStream(stream, {
    code: bursty ? 'burst_loss' : 'random_loss',
    severity: 'warning',
    text:
      hole === null
        ? `${percentText(ratio)} % of packets lost ${bursty ? 'in bursts ' : ''}within ` +
          `${secondsText(spanMs)} s, ${ofWhole}${longestHoleText(longestLossMs, '; ')}`
        : `${oneHoleText(longestLossMs, hole.packets)}, ${ofWhole}`,
    evidence: {
      lostRatio: ratio,
      spanLostRatio: ratio,
      spanMs,
      leftOutMs: whole.leftOutMs,
      lost: worst.lost,
      expected: worst.expected,
      burstR,
      bursts: stream.burst.bursts,
      longestLossRun,
      longestLossMs,
    },
    startUs: hole?.fromUs ?? worst.startUs,
    endUs: hole?.toUs ?? worst.endUs,
  });
}

interface LossStretch {
  startUs: number;
  endUs: number;
  lost: number;
  expected: number;
  runs: number;
}

/** The worst of neighbouring intervals with `lossStretchRatio` or more; interruptions are not meant. */
function worstStretch(stream: StreamRecord, limits: Thresholds): LossStretch | null {
  const pieces = missingPieces(stream, limits);
  let worst: LossStretch | null = null;
  let open: LossStretch | null = null;
  for (let i = 0; i < stream.intervals.length; i++) {
    const { startUs, durationMs, expected, lost, lossRuns } = stream.intervals.look(i);
    const endUs = startUs + durationMs * 1000;
    const cut = pieces.some(
      ({ fromUs, toUs, missing }) => (missing ?? 0) > 0 && fromUs < endUs && toUs > startUs,
    );
    if (cut || expected === 0 || lost / expected < limits.lossStretchRatio) {
      open = null;
      continue;
    }
    open ??= { startUs, endUs, lost: 0, expected: 0, runs: 0 };
    open.endUs = endUs;
    open.lost += lost;
    open.expected += expected;
    open.runs += lossRuns;
    const enough = open.expected >= limits.expectedMin * 0.95;
    if (enough && (worst === null || open.lost > worst.lost)) worst = open;
  }
  return worst;
}
