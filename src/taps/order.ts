import type { Endpoint } from '../records/types.ts';
import { type Drift, median, undrifted } from './delays.ts';
import type { OffsetBounds } from './signalling-order.ts';
import { type OrderReason, type StreamPair, turned } from './stream-pair.ts';
import { endpointText } from './tap-stream.ts';

/** A pair that is known (or taken) to pass `a` first. */
export interface OrderedPair {
  pair: StreamPair;
  orderBy: OrderReason;
}

/** What the clocks of two taps are apart. */
export interface TapClocks {
  /**
   * Clock of the second tap less that of the first, ms, when the first capture began; null when it cannot be told from
   * packets.
   */
  offsetMs: number | null;
  /** Half the least time there and back: the offset is that certain. Null where packets went one way only. */
  uncertaintyMs: number | null;
  driftPpm: number;
}

/**
 * Time there and back between two taps, us: far above what stamps are off by, so that it counts for more than a loss, which
 * may be the capture's; and the least that is believed at all.
 */
const CLEAR_ROUND_TRIP_US = 500;
const ROUND_TRIP_US_MIN = 50;
/** How many times more packets must be missing at one point than at the other. */
const LOSS_FACTOR = 4;

/** Pairs of one capture: its one clock says what came first. */
export function orderedByTime(pair: StreamPair): OrderedPair {
  const isFirst = median([...pair.transitsUs]) >= 0;
  return { pair: isFirst ? pair : turned(pair), orderBy: 'time' };
}

/**
 * Which point each stream passes first, where two taps have two clocks. A routed packet has a lower TTL behind the router;
 * what is sent back cannot come before it was sent for, so the stream whose least time between the taps is the greater one
 * goes from the first to the second; and packets are lost on the way and do not come from nowhere.
 */
export function ordered(pairs: readonly StreamPair[], drift: Drift): OrderedPair[] {
  const byEndpoints = new Map(pairs.map((pair) => [endpointsOf(pair.a.src, pair.a.dst), pair]));
  return pairs.map((pair) => {
    const back = byEndpoints.get(endpointsOf(pair.a.dst, pair.a.src));
    const known =
      byTtl(pair) ??
      byClock(pair, back, drift, CLEAR_ROUND_TRIP_US) ??
      byLoss(pair) ??
      byClock(pair, back, drift, ROUND_TRIP_US_MIN);
    if (known === null) return { pair, orderBy: 'assumed' };
    return { pair: known.isFirst ? pair : turned(pair), orderBy: known.orderBy };
  });
}

interface Order {
  isFirst: boolean;
  orderBy: OrderReason;
}

/** Only packets that keep their identification were routed; others were sent anew, with a TTL of the box's own. */
function byTtl({ a, b, paired }: StreamPair): Order | null {
  let routed = 0;
  let falls = 0;
  let pairs = 0;
  for (let at = 0; at < a.packets.count; at++) {
    const other = paired.ofA[at]!;
    if (other < 0) continue;
    pairs++;
    if (a.packets.ident[at] === 0 || a.packets.ident[at] !== b.packets.ident[other]) continue;
    routed++;
    falls += Math.sign(a.packets.ttl[at]! - b.packets.ttl[other]!);
  }
  if (routed < 0.8 * pairs || Math.abs(falls) < 0.8 * routed) return null;
  return { isFirst: falls > 0, orderBy: 'ttl' };
}

function byLoss({ onlyA, onlyB }: StreamPair): Order | null {
  if (onlyA > LOSS_FACTOR * onlyB) return { isFirst: true, orderBy: 'loss' };
  if (onlyB > LOSS_FACTOR * onlyA) return { isFirst: false, orderBy: 'loss' };
  return null;
}

function endpointsOf(src: Endpoint, dst: Endpoint): string {
  return `${endpointText(src)} ${endpointText(dst)}`;
}

/** Beside the stream that goes back between the same endpoints. */
function byClock(
  pair: StreamPair,
  back: StreamPair | undefined,
  drift: Drift,
  leastUs: number,
): Order | null {
  if (back === undefined) return null;
  const difference = leastTransit(pair, drift) - leastTransit(back, drift);
  if (Math.abs(difference) < leastUs) return null;
  return { isFirst: difference > 0, orderBy: 'clock' };
}

/**
 * The least time from the first tap to the second, by the two clocks, us; below 0 where the stream goes the other way. Streams
 * that begin minutes apart have drifted, too.
 */
function leastTransit({ a, timesUs, transitsUs }: StreamPair, drift: Drift): number {
  const isTurned = a.tap !== 0;
  return transitsUs.reduce((low, transit, at) => {
    const timeUs = timesUs[at]!;
    const still = isTurned
      ? -undrifted(-transit, timeUs + transit, drift)
      : undrifted(transit, timeUs, drift);
    return Math.min(low, still);
  }, Number.POSITIVE_INFINITY);
}

/**
 * What the clocks are apart, from the least times either way: a packet takes no less than no time. The first tap is that
 * with number 0.
 */
export function clocksOf(pairs: readonly OrderedPair[], signalling: OffsetBounds, drift: Drift): TapClocks {
  let { mostUs, leastUs } = signalling;
  for (const { pair, orderBy } of pairs) {
    if (orderBy === 'assumed') continue;
    if (pair.a.tap === 0) mostUs = Math.min(mostUs, leastTransit(pair, drift));
    else leastUs = Math.max(leastUs, -leastTransit(pair, drift));
  }
  const both = Number.isFinite(mostUs) && Number.isFinite(leastUs);
  if (both)
    return {
      offsetMs: (mostUs + leastUs) / 2000,
      uncertaintyMs: Math.abs(mostUs - leastUs) / 2000,
      driftPpm: drift.ppm,
    };
  const oneWay = Number.isFinite(mostUs) ? mostUs : leastUs;
  return {
    offsetMs: Number.isFinite(oneWay) ? oneWay / 1000 : null,
    uncertaintyMs: null,
    driftPpm: drift.ppm,
  };
}
