import { PacketView, pathOf } from '../packet/view.ts';
import { leavesOutSilence } from '../records/stream-history.ts';
import {
  CANDIDATE_COPY,
  CANDIDATE_PACKETS,
  CANDIDATE_PACKETS_WITH_RTCP,
  CandidateSet,
} from './candidates.ts';
import { EndpointSet } from './endpoint-set.ts';
import { RtpHeader } from './header.ts';
import { expireIntervals } from './intervals.ts';
import { hashKey } from './key-index.ts';
import { Lanes, type LaneThreads } from './lanes/lanes.ts';
import { RtpMeter } from './meter.ts';
import type { ModeReader } from './payload-peek.ts';
import { MODEL_NAMES, type PlayoutModelName } from './playout/state.ts';
import { hasNoHoles } from './run.ts';
import { ShedStreams } from './shed-streams.ts';
import { lastArrival, measureWaiting, runOwner } from './steady.ts';
import * as row from './stream-row.ts';
import { type FormatSource, StreamTable } from './stream-table.ts';
import { finishStream, type StreamMeasurement } from './summary.ts';

/** Who sends a stream to whom. Words as in `PacketView`. */
export interface StreamKey {
  src: Int32Array;
  srcPort: number;
  dst: Int32Array;
  dstPort: number;
  /** Signed 32-bit image of the SSRC. */
  ssrc: number;
}

/** What the plane tells its owner. Called between packets, never per packet. */
export interface RtpPlaneListener {
  /** A stream was recognised; its first packets are about to be measured. */
  streamStarted(slot: number): void;
  /** A stream is over. The slot is released right after. */
  streamEnded(slot: number, key: StreamKey, number: number, measurement: StreamMeasurement): void;
  /** A stream that SDP announced is left out, because measuring does not keep up. */
  streamShed?(key: StreamKey): void;
}

export interface RtpPlaneOptions {
  /** Most streams measured at one time. */
  streamsMax: number;
  /** A stream is over after so long without a packet, us of capture time; one that a call claims, after longer. */
  idleUs: number;
  claimedIdleUs: number;
  /** The playout model whose discards scores count. */
  scoreModel: PlayoutModelName;
  /** Reads codec modes out of payloads. */
  modes: ModeReader | null;
  /** Whether a few octets of a payload may be looked at: codec modes, silence. */
  peek: boolean;
  /** Threads that measure beside the one that owns the streams; null for none. */
  lanes: LaneThreads | null;
}

export const DEFAULT_RTP_OPTIONS: RtpPlaneOptions = {
  streamsMax: 65_536,
  idleUs: 180_000_000,
  claimedIdleUs: 3_600_000_000,
  scoreModel: 'adaptive',
  modes: null,
  peek: true,
  lanes: null,
};

/** An interval is finished so long after it could be, at most. */
const CHECKED_WITHIN_US = 2_000_000;

/** Answer of `receive`: a copy made by the mirror, of which nothing was measured. */
export const MIRROR_COPY = -1;

/** Recognises RTP, owns the streams and measures them: from the first packet, whether or not a call claims them. */
export class RtpPlane {
  readonly table: StreamTable;
  readonly meter: RtpMeter;
  /** Media endpoints from SDP: RTP to or from one of them needs no further proof. */
  readonly endpoints: EndpointSet;
  readonly candidates: CandidateSet;
  /** Packets of streams that found no room. */
  refused = 0;
  /** Measuring does not keep up: new streams are left out, so that those being measured lose nothing. */
  isPressed = false;
  readonly shed: ShedStreams;
  private readonly options: RtpPlaneOptions;
  private readonly listener: RtpPlaneListener;
  /** Asks whether an RTCP sender report named this SSRC lately. */
  private readonly hasSenderReport: (ssrc: number) => boolean;
  private readonly keptHeader = new RtpHeader();
  private readonly keptView = new PacketView();
  private readonly keptPayload = new DataView(new ArrayBuffer(8));

  constructor(
    listener: RtpPlaneListener,
    hasSenderReport: (ssrc: number) => boolean,
    options: RtpPlaneOptions = DEFAULT_RTP_OPTIONS,
  ) {
    this.table =
      options.lanes === null ? new StreamTable(options.streamsMax) : sharedTable(options, options.lanes);
    this.table.playout.scoreModel = MODEL_NAMES.indexOf(options.scoreModel);
    this.meter = new RtpMeter(this.table, options.modes, options.peek);
    this.endpoints = new EndpointSet(options.streamsMax * 2);
    this.candidates = new CandidateSet();
    this.shed = new ShedStreams(options.idleUs);
    this.options = options;
    this.listener = listener;
    this.hasSenderReport = hasSenderReport;
  }

  /**
   * Takes one packet with a valid RTP header; `view` holds its capture time, too.
   * @returns how many packets this one makes RTP: 1 when it belongs to a stream, 0 when nothing says so (yet), more
   * when it is the one that makes its predecessors believed; or `MIRROR_COPY`
   */
  receive(header: RtpHeader, view: PacketView, data: DataView): number {
    const ports = (view.srcPort << 16) | view.dstPort;
    const hash = hashKey(view, ports, header.ssrc);
    const slot = this.table.keys.find(view, ports, header.ssrc, hash);
    if (slot >= 0) {
      return this.meter.update(slot, header, view, data) ? 1 : MIRROR_COPY;
    }
    return this.recognise(header, view, data, ports, hash);
  }

  /** Does this packet belong to a stream being measured? */
  knows(header: RtpHeader, view: PacketView): boolean {
    const ports = (view.srcPort << 16) | view.dstPort;
    return this.table.keys.find(view, ports, header.ssrc, hashKey(view, ports, header.ssrc)) >= 0;
  }

  private recognise(
    header: RtpHeader,
    view: PacketView,
    data: DataView,
    ports: number,
    hash: number,
  ): number {
    if (this.shed.holds(hash, view.timeUs)) return 1;
    if (this.isPressed) return this.leaveOut(header, view, hash);
    if (
      this.endpoints.vouches(view.dst0, view.dst1, view.dst2, view.dst3, view.dstPort) ||
      this.endpoints.vouches(view.src0, view.src1, view.src2, view.src3, view.srcPort)
    ) {
      const slot = this.create(view, ports, header.ssrc, hash);
      if (slot < 0) return 1;
      this.table.notesOf(slot).negotiated = true;
      this.listener.streamStarted(slot);
      this.meter.begin(slot, header, view, data);
      return 1;
    }
    const needed = this.hasSenderReport(header.ssrc) ? CANDIDATE_PACKETS_WITH_RTCP : CANDIDATE_PACKETS;
    const candidate = this.candidates.offer(header, view, data, view.timeUs, hash, needed);
    if (candidate < 0) return candidate === CANDIDATE_COPY ? MIRROR_COPY : 0;
    const believed = this.candidates.packets(candidate);
    const slot = this.create(view, ports, header.ssrc, hash);
    if (slot >= 0) {
      this.table.notesOf(slot).copies = this.candidates.copiesOf(candidate);
      this.listener.streamStarted(slot);
      this.replayCandidate(candidate, slot, view);
    }
    this.candidates.remove(candidate);
    return believed;
  }

  /** Leaves out what would be a new stream; what nobody announced has to prove itself later. */
  private leaveOut({ ssrc }: RtpHeader, view: PacketView, hash: number): number {
    const { endpoints } = this;
    if (
      !endpoints.has(view.dst0, view.dst1, view.dst2, view.dst3, view.dstPort) &&
      !endpoints.has(view.src0, view.src1, view.src2, view.src3, view.srcPort)
    ) {
      return 0;
    }
    this.shed.add(hash, view.timeUs);
    this.listener.streamShed?.({ ...pathOf(view), ssrc });
    return 1;
  }

  private create(view: PacketView, ports: number, ssrc: number, hash: number): number {
    const slot = this.table.take();
    if (slot < 0) {
      this.refused++;
      return -1;
    }
    const entered = this.table.keys.insert(slot, view, ports, ssrc, hash);
    if (!entered) {
      this.table.release(slot);
      this.refused++;
      return -1;
    }
    return slot;
  }

  private replayCandidate(candidate: number, slot: number, view: PacketView): void {
    const { keptHeader, keptView, keptPayload } = this;
    Object.assign(keptView, view);
    const count = this.candidates.packets(candidate);
    for (let k = 0; k < count; k++) {
      this.candidates.load(candidate, k, keptHeader, keptView, keptPayload);
      if (k === 0) this.meter.begin(slot, keptHeader, keptView, keptPayload);
      else this.meter.update(slot, keptHeader, keptView, keptPayload);
    }
  }

  /** Capture time moves on: finishes intervals of silent streams and ends streams idle for too long. */
  sweep(timeUs: number): void {
    const table = this.table;
    for (let i = table.activeCount - 1; i >= 0; i--) {
      const slot = table.active[i]!;
      const lastUs = lastArrival(table, slot);
      const checkUs = table.doubles[slot * row.DOUBLES_PER_STREAM + row.NEXT_CHECK_US]!;
      // A packet that waits to be measured will soon bring the check with it; losses are told without delay. (A lane may
      // be giving verdicts meanwhile: that the newest are not seen yet costs one look more.)
      const isComing = lastUs >= checkUs && timeUs - checkUs < CHECKED_WITHIN_US && hasNoHoles(table, slot);
      if (checkUs <= timeUs && !isComing) {
        measureWaiting(table, slot);
        expireIntervals(table, slot, timeUs);
      }
      const idleUs = timeUs - lastUs;
      if (idleUs <= this.options.idleUs) continue;
      // Hold, or a quiet line: the call says when its streams are over.
      const claimed = table.notesOf(slot).formats !== null;
      if (!claimed || idleUs > this.options.claimedIdleUs) this.retire(slot);
    }
  }

  /** Sees to it that no other thread is measuring a stream: before anybody reads its rows. */
  settle(slot: number): void {
    this.table.lanes?.settle(slot);
  }

  /** Capture time of a stream's newest packet, us. */
  lastUs(slot: number): number {
    return lastArrival(this.table, slot);
  }

  /** First to newest packet of a stream, us; 0 once its sender has left out silence. */
  unbrokenUs(slot: number): number {
    const { table } = this;
    const { silencePackets, history } = table.notesOf(slot);
    if (leavesOutSilence(silencePackets, history)) return 0;
    return this.lastUs(slot) - table.doubles[slot * row.DOUBLES_PER_STREAM + row.FIRST_US]!;
  }

  /** Streams that have had a packet since a time, us. */
  runningSince(fromUs: number): number {
    const { table } = this;
    let running = 0;
    for (let i = 0; i < table.activeCount; i++) {
      if (lastArrival(table, table.active[i]!) >= fromUs) running++;
    }
    return running;
  }

  /** Gives a stream the payload types of the call that claims it, or new ones; counts in force are kept. */
  setFormats(slot: number, formats: FormatSource): void {
    const notes = this.table.notesOf(slot);
    notes.formats = formats;
    notes.negotiated = true;
    this.meter.reformat(slot);
  }

  /** Ends a stream now: reports it and frees its slot. */
  retire(slot: number): void {
    const key = this.keyOf(slot);
    const number = this.table.notesOf(slot).number;
    this.meter.end(slot);
    const measurement = finishStream(this.table, slot);
    this.table.keys.remove(slot);
    this.listener.streamEnded(slot, key, number, measurement);
    this.table.release(slot);
  }

  /** Ends every stream, in the order of their first packets, and the threads that measured them. */
  retireAll(): void {
    const slots = Array.from(this.table.active.subarray(0, this.table.activeCount));
    slots.sort((a, b) => this.table.notesOf(a).number - this.table.notesOf(b).number);
    for (const slot of slots) this.retire(slot);
    this.table.lanes?.close();
  }

  /** The addresses, ports and SSRC of a stream in the table. */
  keyOf(slot: number): StreamKey {
    const keys = this.table.keys;
    const ports = keys.word(slot, 8);
    return {
      src: Int32Array.of(keys.word(slot, 0), keys.word(slot, 1), keys.word(slot, 2), keys.word(slot, 3)),
      srcPort: ports >>> 16,
      dst: Int32Array.of(keys.word(slot, 4), keys.word(slot, 5), keys.word(slot, 6), keys.word(slot, 7)),
      dstPort: ports & 0xffff,
      ssrc: keys.word(slot, 9),
    };
  }
}

/** A table whose columns other threads see, with those threads. */
function sharedTable({ streamsMax, scoreModel }: RtpPlaneOptions, threads: LaneThreads): StreamTable {
  const columns: SharedArrayBuffer[] = [];
  const table = new StreamTable(streamsMax, (bytes) => {
    const memory = new SharedArrayBuffer(bytes);
    columns.push(memory);
    return memory;
  });
  table.lanes = new Lanes(threads, { capacity: streamsMax, columns, scoreModel }, runOwner(table));
  return table;
}
