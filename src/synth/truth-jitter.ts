import type { ArrivedPacket } from './network.ts';
import type { StreamTruth } from './truth.ts';

/** Signed 32-bit difference of two RTP timestamps, or of what is counted like them. */
function difference32(a: number, b: number): number {
  return (a - b) | 0;
}

/** ns to the nearest tick; seconds and rest apart, for their product with the clock does not fit a double. */
function nearestTick(ns: number, clockRate: number): number {
  const seconds = Math.floor(ns / 1e9);
  return seconds * clockRate + Math.round(((ns - seconds * 1e9) * clockRate) / 1e9);
}

/**
 * RFC 3550 A.8 to the letter, ms: every packet as it arrives, copies and reordered ones too, arrival rounded to the
 * nearest tick after the stream's first packet, J in floating point and never reset. Telephone events do not exist.
 */
export function rfcJitter(arrived: readonly ArrivedPacket[], clockRate: number): StreamTruth['jitterRfcMs'] {
  const startNs = arrived[0]!.timeNs;
  const values: number[] = [];
  let jitter = 0;
  let previousTransit: number | null = null;
  for (const packet of arrived) {
    if (packet.kind === 'event' || packet.copy === 'mirror') continue;
    const transit = difference32(nearestTick(packet.timeNs - startNs, clockRate), packet.timestamp);
    if (previousTransit !== null) {
      jitter += (Math.abs(difference32(transit, previousTransit)) - jitter) / 16;
    }
    previousTransit = transit;
    values.push((jitter * 1000) / clockRate);
  }
  return { last: values.at(-1) ?? 0, mean: mean(values), max: highest(values) };
}

const WARM_UP_PACKETS = 32;

/**
 * Jitter by Deviation D2 (standards 1.4), ms, at full precision of the arrival times. Mean and maximum are taken
 * over J after the packets from the 33rd of each run on; a run begins at every new reference without update.
 */
export function steadyJitter(arrived: readonly ArrivedPacket[], clockRate: number): StreamTruth['jitterMs'] {
  const values: number[] = [];
  let state = newState();
  let segment = arrived[0]!.segment;
  for (const packet of arrived) {
    if (packet.copy === 'mirror') continue;
    if (packet.segment !== segment) {
      segment = packet.segment;
      state = newState();
    }
    if (packet.extended <= state.highest) continue; // a copy or reordered
    state.highest = packet.extended;
    if (packet.kind === 'audio') {
      stepSteady(state, packet, clockRate);
      if (state.runLength > WARM_UP_PACKETS) values.push(state.jitterMs);
    } else {
      state.afterSilence = true;
    }
  }
  return values.length === 0 ? null : { mean: mean(values), max: highest(values) };
}

interface SteadyState {
  highest: number;
  /** Last audio packet. */
  reference: ArrivedPacket | null;
  afterSilence: boolean;
  jitterMs: number;
  /** Audio packets of the run so far, the one it began with included. */
  runLength: number;
  /** Timestamp steps between neighbours without marker, the newest last, 16 at most. */
  steps: number[];
}

function newState(): SteadyState {
  return {
    highest: Number.NEGATIVE_INFINITY,
    reference: null,
    afterSilence: false,
    jitterMs: 0,
    runLength: 0,
    steps: [],
  };
}

function stepSteady(state: SteadyState, packet: ArrivedPacket, clockRate: number): void {
  const { reference } = state;
  let rebase = reference === null || packet.marker || state.afterSilence;
  if (reference !== null) {
    const numbers = packet.extended - reference.extended;
    const ticks = difference32(packet.timestamp, reference.timestamp);
    const frameTicks = modalStep(state.steps);
    if (frameTicks !== null) {
      const excess = ticks - numbers * frameTicks;
      const least = numbers <= 50 ? 0 : (numbers * frameTicks) / 2;
      const jumped = Math.abs(excess) > Math.max(8 * frameTicks, 0.2 * clockRate, least);
      rebase ||= excess > frameTicks / 2 || jumped;
    }
    if (numbers === 1 && !packet.marker) state.steps = [...state.steps, ticks].slice(-16);
    if (!rebase) {
      const differenceMs = (packet.timeNs - reference.timeNs) / 1e6 - (ticks * 1000) / clockRate;
      state.jitterMs += (Math.abs(differenceMs) - state.jitterMs) / 16;
    }
  }
  state.runLength = rebase ? 1 : state.runLength + 1;
  state.reference = packet;
  state.afterSilence = false;
}

/** The most frequent step, of equals the newest; null below four. */
function modalStep(steps: readonly number[]): number | null {
  if (steps.length < 4) return null;
  const count = (step: number): number => steps.filter((other) => other === step).length;
  return [...steps].reverse().reduce((best, step) => (count(step) > count(best) ? step : best));
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The maximum, 0 of none. A spread would overflow the stack on long streams. */
function highest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
