import { parseAddress } from '../packet/address.ts';
import type { PacketBatch } from '../packet/batch.ts';
import { decodeFrame } from '../packet/link.ts';
import { DECODED } from '../packet/reasons.ts';
import { PacketView } from '../packet/view.ts';

/**
 * So many packets in a row are looked at, and then as many are passed over; twice as many, and four times as many, each
 * time up to the most. A row may lie in several batches of packets.
 */
const RUN_MIN = 512;
const RUN_MAX = 4096;
const PASSED_TIMES = 4;
const PASSED_MAX = 524_288;
/** Packets with stamps as near as this, us, or a twentieth of the mean distance of all, are one clump. */
const NEAR_US = 20;
const NEAR_SHARE = 0.05;
/** Hosts that must send packets of one clump. Those of one sender may well come together. */
const HOSTS_MIN = 3;
/** Share of the packets in such clumps that makes them the capture's work, of a run and of those of one host. */
const SHARE_MIN = 0.6;
const SHARE_OF_HOST_MIN = 0.8;
/** Clumps of a run; of fewer nothing follows. */
const CLUMPS_MIN = 6;
/** Share of the runs that are so. */
const BATCHED_MIN = 0.5;
const RUNS_KEPT = 256;
const HOSTS_MAX = 4096;

interface Host {
  looked: number;
  clumped: number;
}

/**
 * Whether packets are stamped in batches: where a buffer is emptied, or an interrupt served, all that has waited gets
 * one time, whoever sent it. Unrelated senders do not agree on moments. Looks at a few packets only.
 */
export class StampClumps {
  /** Hosts that found no room. */
  refused = 0;
  private readonly view = new PacketView();
  private readonly times = new Float64Array(RUN_MAX);
  /** The last word of each sender's address; 0 where a packet shows none. */
  private readonly sources = new Int32Array(RUN_MAX);
  private filled = 0;
  private skip = 0;
  private run = RUN_MIN;
  private passed = RUN_MIN;
  private readonly hosts = new Map<number, Host>();
  /**
   * The newest runs of packets of several hosts: 95th percentile of the time from one clump to the next, us; null for a
   * run that did not come in batches.
   */
  private distancesUs: (number | null)[] = [];

  /** Takes a batch, and looks at a part of it. */
  look({ view: data, timeUs, offset, capturedLength, linkType, count }: PacketBatch): void {
    for (let i = 0; i < count; ) {
      if (this.skip > 0) {
        const passed = Math.min(this.skip, count - i);
        this.skip -= passed;
        i += passed;
        continue;
      }
      const start = offset[i]!;
      const reason = decodeFrame(this.view, data, linkType[i]!, start, start + capturedLength[i]!);
      this.times[this.filled] = timeUs[i]!;
      this.sources[this.filled] = reason === DECODED ? this.view.src3 : 0;
      if (++this.filled === this.run) this.judge();
      i++;
    }
  }

  /**
   * Time from one batch of stamps to the next as most of them keep to it, ms; null where stamps are not given in
   * batches.
   */
  get distanceMs(): number | null {
    const known = this.distancesUs.filter((us) => us !== null);
    if (known.length === 0 || known.length < this.distancesUs.length * BATCHED_MIN) return null;
    const sorted = known.sort((a, b) => a - b);
    return sorted[sorted.length >> 1]! / 1000;
  }

  /** Whether nearly all that a host sends is stamped in batches. */
  holds(ip: string): boolean {
    const words = parseAddress(ip);
    const host = words === null ? undefined : this.hosts.get(words[3]!);
    return host !== undefined && host.clumped >= host.looked * SHARE_OF_HOST_MIN;
  }

  private judge(): void {
    const count = this.filled;
    const times = this.times.subarray(0, count);
    const sources = this.sources.subarray(0, count);
    this.filled = 0;
    this.run = Math.min(this.run * 2, RUN_MAX);
    this.skip = this.passed;
    this.passed = Math.min(this.passed * PASSED_TIMES, PASSED_MAX);
    // Of one or two senders alone nobody can say that they know nothing of each other.
    if (new Set(sources).size < HOSTS_MIN) return;
    const nearUs = Math.min(NEAR_US, ((times[count - 1]! - times[0]!) / (count - 1)) * NEAR_SHARE);
    const mixed = clumpsOf(times, nearUs).filter(([from, to]) => isMixed(sources.subarray(from, to)));
    const packets = mixed.reduce((sum, [from, to]) => sum + to - from, 0);
    if (packets < count * SHARE_MIN || mixed.length < CLUMPS_MIN) {
      this.enter(null);
      return;
    }
    for (const source of sources) this.note(source, 1, 0);
    for (const [from, to] of mixed) for (const source of sources.subarray(from, to)) this.note(source, 0, 1);
    const distances = mixed.slice(1).map(([from], i) => times[from]! - times[mixed[i]![0]]!);
    distances.sort((a, b) => a - b);
    this.enter(distances[Math.floor(distances.length * 0.95)]!);
  }

  /** Of a capture without end only the newest runs count. */
  private enter(distanceUs: number | null): void {
    this.distancesUs.push(distanceUs);
    if (this.distancesUs.length <= RUNS_KEPT) return;
    this.distancesUs = this.distancesUs.slice(RUNS_KEPT / 2);
    this.hosts.clear();
  }

  private note(source: number, looked: number, clumped: number): void {
    let host = this.hosts.get(source);
    if (host === undefined) {
      if (this.hosts.size >= HOSTS_MAX) {
        this.refused += looked;
        return;
      }
      host = { looked: 0, clumped: 0 };
      this.hosts.set(source, host);
    }
    host.looked += looked;
    host.clumped += clumped;
  }
}

/** Packets that follow each other as near as that, from the first to one past the last. */
function clumpsOf(times: Float64Array, nearUs: number): [from: number, to: number][] {
  const clumps: [number, number][] = [];
  for (let from = 0; from < times.length; ) {
    let to = from + 1;
    while (to < times.length && Math.abs(times[to]! - times[to - 1]!) <= nearUs) to++;
    clumps.push([from, to]);
    from = to;
  }
  return clumps;
}

/** Whether senders who know nothing of each other are in a clump. */
function isMixed(sources: Int32Array): boolean {
  return sources.length >= HOSTS_MIN && new Set(sources).size >= HOSTS_MIN;
}
