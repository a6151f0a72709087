import type { PacketView } from '../packet/view.ts';
import { INFERENCE_SPAN_US, inferClockRate } from './clock-inference.ts';
import { openStreamDelay } from './delay-variation.ts';
import { formatOf, takeEvent } from './event-audio.ts';
import { takeFormat } from './format-turns.ts';
import { gapBefore } from './gaps.ts';
import { GAP_US, noteFormat } from './happenings.ts';
import type { RtpHeader } from './header.ts';
import { checkIntervals, startIntervals } from './intervals.ts';
import {
  measureInOrder,
  measureReordered,
  noteArrival,
  restartLiteralJitter,
  updateLiteralJitter,
} from './jitter.ts';
import { startLiteralSource } from './literal-source.ts';
import { networkMark, RecentPackets } from './mirror-copies.ts';
import { FIRST_LOOKS, LOOK_MASK, type ModeReader } from './payload-peek.ts';
import { KIND_AUDIO, KIND_COMFORT_NOISE, KIND_EVENT, KIND_OTHER, payloadFormat } from './payload-types.ts';
import {
  DUPLICATE,
  holeBefore,
  IN_ORDER,
  INTERRUPTION,
  REORDERED_PACKET,
  RESTART,
  startSegment,
  TOO_OLD,
  trackSequence,
  UNCONFIRMED_JUMP,
} from './sequence.ts';
import {
  enterSteady,
  leaveSteady,
  measureWaiting,
  NOT_TAKEN,
  newestCopiedUs,
  rememberNewest,
  TAKEN_TO_LOOK_AT,
  takeSteady,
} from './steady.ts';
import { noteCopy, noteNetwork, withoutRedundancy, withValue } from './stream-facts.ts';
import * as row from './stream-row.ts';
import type { StreamTable } from './stream-table.ts';

/** Samples kept of a stream whose clock rate is not known yet: arrival, timestamp, number, status and marker. */
const SAMPLE_STRIDE = 4;
const SAMPLES_MAX = 512;
/** Streams that may wait for their clock at one time: 16 KiB each. The others are measured without jitter. */
const UNCLOCKED_STREAMS_MAX = 1024;

/** Counters of the meter itself, for the capture's own account. */
export interface MeterCounters {
  /** Streams that never got a clock rate because too many were waiting. */
  unclockedRefused: number;
}

/** Updates streams with packets: the one path that live capture, replay and replayed probation packets share. */
export class RtpMeter {
  readonly table: StreamTable;
  /** Off only in the test which proves that the short way changes no result. */
  shortWay = true;
  readonly counters: MeterCounters = { unclockedRefused: 0 };
  private unclockedStreams = 0;
  /** What copies made by the mirror are recognised by. */
  private readonly recent = new RecentPackets();
  /** Packets on the short way are remembered, too, from the first packet on that came twice. */
  remembersAll = false;

  /** Reads codec modes out of payloads; null to know nothing of codecs. */
  private readonly modes: ModeReader | null;
  /** Whether payload octets may be looked at. */
  private readonly mayPeek: boolean;

  constructor(table: StreamTable, modes: ModeReader | null = null, mayPeek = true) {
    this.table = table;
    this.modes = modes;
    this.mayPeek = mayPeek;
  }

  /** Starts measuring a stream with its first packet. The slot is fresh. */
  begin(slot: number, header: RtpHeader, view: PacketView, data: DataView): void {
    const table = this.table;
    const d = table.doubles;
    const n = table.integers;
    const base = slot * row.DOUBLES_PER_STREAM;
    const intBase = slot * row.INTEGERS_PER_STREAM;
    const timeUs = view.timeUs;
    d[base + row.FIRST_US] = timeUs;
    d[base + row.LAST_US] = timeUs;
    d[base + row.OCTETS] = header.payloadLength;
    leaveSteady(table, slot);
    startSegment(table, slot, header.sequence);
    startLiteralSource(n, intBase, header.sequence);
    table.notesOf(slot).firstSequence = header.sequence;
    startIntervals(table, slot, timeUs, header.sequence);
    openStreamDelay(table, slot);
    n[intBase + row.PAYLOAD_TYPE] = -1;
    n[intBase + row.NETWORK_MARK] = networkMark(view);
    n[intBase + row.INTERVAL_PACKETS] = 1;
    noteNetwork(table, slot, view);
    this.recent.note(slot, header.sequence, view);
    this.switchPayload(slot, header, data, timeUs);
    this.measure(slot, header, data, timeUs, IN_ORDER);
  }

  /**
   * Accounts for one more packet of a stream.
   * @returns false when it is a copy made by the mirror, of which nothing is measured
   */
  update(slot: number, header: RtpHeader, view: PacketView, data: DataView): boolean {
    const taken = takeSteady(this.table, slot, header, view);
    if (taken === NOT_TAKEN) {
      if (this.isMirrored(slot, header.sequence, view)) return false;
      this.updateLong(slot, header, view, data);
      this.recent.note(slot, header.sequence, view);
      return true;
    }
    if (taken === TAKEN_TO_LOOK_AT) this.look(slot, header, data, view.timeUs);
    if (this.remembersAll) this.recent.note(slot, header.sequence, view);
    return true;
  }

  /** Has the mirror shown this packet before? */
  private isMirrored(slot: number, sequence: number, view: PacketView): boolean {
    let copiedUs = this.recent.copiedUs(slot, sequence, view);
    if (Number.isNaN(copiedUs)) copiedUs = newestCopiedUs(this.table, slot, sequence, view);
    if (Number.isNaN(copiedUs)) return false;
    this.remembersAll = true;
    noteCopy(this.table.notesOf(slot), view, view.timeUs - copiedUs);
    return true;
  }

  /** Looks at the payload of a packet of audio. */
  private look(slot: number, header: RtpHeader, data: DataView, timeUs: number): void {
    const { payloadOffset, payloadLength, payloadCaptured } = header;
    this.lookAt(slot, data, payloadOffset, payloadLength, payloadCaptured, timeUs);
  }

  /** The same, of `length` octets from `offset` on, of which `captured` are there. */
  lookAt(
    slot: number,
    data: DataView,
    offset: number,
    length: number,
    captured: number,
    timeUs: number,
  ): void {
    this.table.looks.look(slot, this.modes, data, offset, length, captured, timeUs);
  }

  /** The long way, which can take every packet. */
  private updateLong(slot: number, header: RtpHeader, view: PacketView, data: DataView): void {
    const table = this.table;
    const timeUs = view.timeUs;
    rememberNewest(table, slot, this.recent);
    measureWaiting(table, slot);
    leaveSteady(table, slot);
    const d = table.doubles;
    const n = table.integers;
    const base = slot * row.DOUBLES_PER_STREAM;
    const intBase = slot * row.INTEGERS_PER_STREAM;
    const lastUs = d[base + row.LAST_US]!;
    const highest = n[intBase + row.HIGHEST]!;
    if (timeUs >= d[base + row.NEXT_CHECK_US]!) {
      checkIntervals(table, slot, timeUs, holeBefore(table, slot, header.sequence, header.timestamp, timeUs));
    }
    const status = trackSequence(table, slot, header.sequence, header.timestamp, timeUs);
    if (status === DUPLICATE) this.remembersAll = true;
    if (status === UNCONFIRMED_JUMP) {
      d[base + row.JUMP_OCTETS] = header.payloadLength;
      n[intBase + row.JUMP_TIMESTAMP] = header.timestamp;
      n[intBase + row.JUMP_MARKER] = header.marker;
      return;
    }
    if (status >= RESTART) noteArrival(table, slot, d[base + row.JUMP_US]!);
    noteArrival(table, slot, timeUs);
    if (timeUs - lastUs >= GAP_US) gapBefore(table, slot, header, timeUs, lastUs, highest, status);
    if (header.payloadType !== n[intBase + row.PAYLOAD_TYPE]) this.switchPayload(slot, header, data, timeUs);
    if (status !== DUPLICATE && status !== TOO_OLD) {
      d[base + row.OCTETS] = d[base + row.OCTETS]! + header.payloadLength;
      n[intBase + row.INTERVAL_PACKETS] = n[intBase + row.INTERVAL_PACKETS]! + 1;
      if (status === RESTART || status === INTERRUPTION) this.creditJump(slot);
    }
    if (n[intBase + row.NETWORK_MARK] !== networkMark(view)) {
      n[intBase + row.NETWORK_MARK] = networkMark(view);
      noteNetwork(table, slot, view);
    }
    this.measure(slot, header, data, timeUs, status);
  }

  /** The SDP that rules a stream arrived or changed: the payload type in force is looked up anew. */
  reformat(slot: number): void {
    rememberNewest(this.table, slot, this.recent);
    measureWaiting(this.table, slot);
    leaveSteady(this.table, slot);
    this.table.integers[slot * row.INTEGERS_PER_STREAM + row.PAYLOAD_TYPE] = -1;
  }

  /** Measures what is left of a stream that is over and gives back what it held. */
  end(slot: number): void {
    measureWaiting(this.table, slot);
    const notes = this.table.notesOf(slot);
    if (notes.unclocked === null) return;
    // Short streams never reach the span; a rate that fits what there is would be a guess.
    notes.unclocked = null;
    this.unclockedStreams--;
  }

  /**
   * A confirmed jump brings its first packet along. D2 starts over with it (new state, J = 0); the literal estimator
   * knows no restarts and goes on.
   */
  private creditJump(slot: number): void {
    const d = this.table.doubles;
    const n = this.table.integers;
    const base = slot * row.DOUBLES_PER_STREAM;
    const intBase = slot * row.INTEGERS_PER_STREAM;
    d[base + row.OCTETS] = d[base + row.OCTETS]! + d[base + row.JUMP_OCTETS]!;
    n[intBase + row.INTERVAL_PACKETS] = n[intBase + row.INTERVAL_PACKETS]! + 1;
    n[intBase + row.RUN_PACKETS] = 0;
    n[intBase + row.FRAME_PAIRS] = 0;
    n[intBase + row.FRAME_NEXT] = 0;
    n[intBase + row.FRAME_MATCHES] = 0;
    n[intBase + row.FRAME_TICKS] = 0;
    d[base + row.JITTER_MS] = 0;
    if (n[intBase + row.KIND] === KIND_EVENT || d[base + row.MS_PER_TICK] === 0) return;
    const timestamp = n[intBase + row.JUMP_TIMESTAMP]!;
    const marker = n[intBase + row.JUMP_MARKER]!;
    this.time(slot, d[base + row.JUMP_US]!, timestamp, n[intBase + row.HIGHEST]! - 1, marker, RESTART, false);
  }

  /** Timing of one packet, or its sample while the clock rate is unknown. */
  private measure(slot: number, header: RtpHeader, data: DataView, timeUs: number, status: number): void {
    this.measureIrregular(slot, header, data, timeUs, status);
    if (this.shortWay) enterSteady(this.table, slot);
  }

  private measureIrregular(
    slot: number,
    header: RtpHeader,
    data: DataView,
    timeUs: number,
    status: number,
  ): void {
    const n = this.table.integers;
    const intBase = slot * row.INTEGERS_PER_STREAM;
    const kind = n[intBase + row.KIND]!;
    const unique = status !== DUPLICATE && status !== TOO_OLD;
    if (kind === KIND_EVENT) {
      takeEvent(this.table, slot, header, data, timeUs, status);
      return;
    }
    const silent = header.payloadLength <= n[intBase + row.SILENCE_OCTETS_MAX]!;
    if (unique && (silent || kind === KIND_COMFORT_NOISE)) this.table.notesOf(slot).silencePackets++;
    else if (unique && kind === KIND_AUDIO) {
      const begun = n[intBase + row.HIGHEST]! - n[intBase + row.FIRST]!;
      const phase = (header.sequence - this.table.notesOf(slot).firstSequence) & LOOK_MASK;
      if (phase === 0 || begun < FIRST_LOOKS) this.look(slot, header, data, timeUs);
    }
    const highest = n[intBase + row.HIGHEST]!;
    const behind = status === REORDERED_PACKET ? (highest - header.sequence) & 0xffff : 0;
    const sequence = highest - behind;
    if (this.table.doubles[slot * row.DOUBLES_PER_STREAM + row.MS_PER_TICK]! === 0) {
      this.sample(slot, timeUs, header.timestamp, sequence, status | (header.marker << 4));
      return;
    }
    this.time(slot, timeUs, header.timestamp, sequence, header.marker, status, silent);
  }

  private time(
    slot: number,
    timeUs: number,
    timestamp: number,
    sequence: number,
    marker: number,
    status: number,
    silent: boolean,
  ): void {
    updateLiteralJitter(this.table, slot, timeUs, timestamp);
    if (status === IN_ORDER || status === RESTART || status === INTERRUPTION) {
      measureInOrder(this.table, slot, timeUs, timestamp, sequence, marker, silent);
    } else if (status === REORDERED_PACKET && !silent) {
      const kind = this.table.integers[slot * row.INTEGERS_PER_STREAM + row.KIND]!;
      if (kind === KIND_AUDIO || kind === KIND_OTHER) {
        measureReordered(this.table, slot, timeUs, timestamp, sequence);
      }
    }
  }

  /** Keeps a sample of a stream without a clock and tries to infer the rate once two seconds are there. */
  private sample(slot: number, timeUs: number, timestamp: number, sequence: number, flags: number): void {
    const notes = this.table.notesOf(slot);
    const samples = notes.unclocked;
    if (samples === null) return;
    const at = notes.unclockedCount * SAMPLE_STRIDE;
    samples[at] = timeUs;
    samples[at + 1] = timestamp;
    samples[at + 2] = sequence;
    samples[at + 3] = flags;
    notes.unclockedCount++;
    const full = notes.unclockedCount === SAMPLES_MAX;
    if (!full && timeUs - samples[0]! < INFERENCE_SPAN_US) return;
    // Past the span, every doubling of the evidence is one more try: inference costs a pass over the samples.
    if (!full && (notes.unclockedCount & (notes.unclockedCount - 1)) !== 0 && notes.unclockedCount % 50 !== 0)
      return;
    const rate = inferClockRate(samples, notes.unclockedCount, SAMPLE_STRIDE);
    if (rate !== null) {
      notes.audioFormat = payloadFormat('', rate, 'inferred');
      this.setClock(slot, rate);
    } else if (full) {
      notes.unclocked = null;
      this.unclockedStreams--;
    }
  }

  /** Sets the clock rate in force and, for a stream that waited for it, measures what was kept. */
  private setClock(slot: number, rate: number): void {
    const table = this.table;
    const n = table.integers;
    const d = table.doubles;
    const base = slot * row.DOUBLES_PER_STREAM;
    const intBase = slot * row.INTEGERS_PER_STREAM;
    if (n[intBase + row.CLOCK_RATE] !== 0 && n[intBase + row.CLOCK_RATE] !== rate) {
      // RFC 7160: two clock rates never meet in one difference.
      restartLiteralJitter(table, slot);
      n[intBase + row.RUN_PACKETS] = 0;
      n[intBase + row.FRAME_PAIRS] = 0;
      n[intBase + row.FRAME_TICKS] = 0;
    }
    n[intBase + row.CLOCK_RATE] = rate;
    d[base + row.MS_PER_TICK] = 1000 / rate;
    d[base + row.TICKS_PER_US] = rate / 1e6;
    const notes = table.notesOf(slot);
    const samples = notes.unclocked;
    if (samples === null) return;
    notes.unclocked = null;
    this.unclockedStreams--;
    for (let i = 0; i < notes.unclockedCount; i++) {
      const at = i * SAMPLE_STRIDE;
      const flags = samples[at + 3]!;
      this.time(slot, samples[at]!, samples[at + 1]!, samples[at + 2]!, flags >> 4, flags & 15, false);
    }
  }

  /** The payload type changed, or its meaning did: counts the old one, resolves the new one. */
  private switchPayload(slot: number, header: RtpHeader, data: DataView, timeUs: number): void {
    const table = this.table;
    const n = table.integers;
    const intBase = slot * row.INTEGERS_PER_STREAM;
    const notes = table.notesOf(slot);
    const payloadType = header.payloadType;
    n[intBase + row.PAYLOAD_TYPE] = payloadType;
    notes.payloadTypes = withValue(notes.payloadTypes, payloadType);
    const named = formatOf(notes, header, data);
    const format = named === null ? null : withoutRedundancy(notes, named);
    if (format === null) {
      n[intBase + row.KIND] = KIND_AUDIO;
      n[intBase + row.SILENCE_OCTETS_MAX] = 0;
      noteFormat(table, slot, timeUs, payloadType, null);
      this.awaitClock(slot, payloadType);
      return;
    }
    n[intBase + row.KIND] = format.kind;
    n[intBase + row.SILENCE_OCTETS_MAX] = format.silenceOctetsMax;
    if (format.kind === KIND_AUDIO || format.kind === KIND_OTHER) {
      takeFormat(table, slot, format, payloadType, timeUs, this.modes, this.mayPeek);
      this.setClock(slot, format.clockRate);
    } else {
      notes.signalFormat = format;
      // Events before any audio: their rate times them; audio that follows brings its own.
      if (n[intBase + row.CLOCK_RATE] === 0) n[intBase + row.CLOCK_RATE] = format.clockRate;
    }
  }

  /** A dynamic payload type that nothing explains: samples are kept until the rate shows itself. */
  private awaitClock(slot: number, payloadType: number): void {
    const notes = this.table.notesOf(slot);
    if (notes.audioFormat?.source === 'inferred' && notes.audioPayloadType === payloadType) return;
    notes.audioPayloadType = payloadType;
    this.table.doubles[slot * row.DOUBLES_PER_STREAM + row.MS_PER_TICK] = 0;
    if (notes.unclocked !== null) return;
    if (this.unclockedStreams >= UNCLOCKED_STREAMS_MAX) {
      this.counters.unclockedRefused++;
      return;
    }
    this.unclockedStreams++;
    notes.unclocked = new Float64Array(SAMPLES_MAX * SAMPLE_STRIDE);
    notes.unclockedCount = 0;
  }
}
