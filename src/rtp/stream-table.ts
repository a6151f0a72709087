import { IntervalLog } from '../records/interval-log.ts';
import { type ColumnMemory, ownMemory } from './column-memory.ts';
import type { AudioRun } from './event-audio.ts';
import type { RecordedEvent } from './events.ts';
import type { FormatTurn } from './format-turns.ts';
import { startHistory } from './happenings.ts';
import { HISTOGRAM_STRIDE, type HighWords } from './histograms.ts';
import { IPDV_BUCKETS } from './ipdv.ts';
import { KeyIndex } from './key-index.ts';
import type { Lanes } from './lanes/lanes.ts';
import { LossFeed } from './loss-feed.ts';
import { PayloadLooks } from './payload-peek.ts';
import type { PayloadFormat } from './payload-types.ts';
import { DelayPoints } from './skew.ts';
import { StreamColumns } from './stream-columns.ts';
import * as row from './stream-row.ts';

/** Resolves what a payload type means for one stream, now; null when nothing says so. */
export type FormatSource = (payloadType: number) => PayloadFormat | null;

/** The outermost tunnel around a stream's packets. */
export interface TunnelNote {
  /** Signed 32-bit image of its number; -1 when it has none. */
  id: number;
  /** Its own addresses; null when it has none, over Ethernet or MPLS. Words as in `PacketView`. */
  src: Int32Array | null;
  dst: Int32Array | null;
}

/** Copies of a stream's packets that the mirror made: their number, TTLs, and delays together. */
export interface CopyNote {
  packets: number;
  ttl: readonly number[];
  delayUs: number;
}

/** Nothing seen yet. Shared: what is seen replaces it. */
const NONE: readonly never[] = [];

/** What changes rarely about a stream, kept as an ordinary object beside its rows. */
export class StreamNotes {
  /** Order of first packets over the whole run, from 0: the stream's identity in every output. */
  readonly number: number;
  /** Sequence number of the first packet. */
  firstSequence = 0;
  /** Payload types seen, in order of appearance. */
  payloadTypes: readonly number[] = NONE;
  /** The audio format in force (events and comfort noise do not replace it). */
  audioFormat: PayloadFormat | null = null;
  /** The format of its events or comfort noise: all there is to say of a stream without audio. */
  signalFormat: PayloadFormat | null = null;
  /** The audio payload type in force, or -1. */
  audioPayloadType = -1;
  /** The longest turn of an audio format before the one in force; null before the first change. */
  longestTurn: FormatTurn | null = null;
  /** Packets, those of events left out, before the format in force. */
  turnFrom = 0;
  /** From the call that claims this stream; looked up before the static table. */
  formats: FormatSource | null = null;
  /** False for streams recognised by their packets alone. */
  negotiated = false;
  /** The input that its first packet came from. */
  input = -1;
  /** Distinct values in order of appearance. */
  vlans: readonly number[] = NONE;
  tos: readonly number[] = NONE;
  ttl: readonly number[] = NONE;
  /** Kinds of encapsulation (packet/encapsulations.ts), outermost first. */
  encapsulation: readonly number[] = NONE;
  tunnel: TunnelNote | null = null;
  copies: CopyNote | null = null;
  readonly events: RecordedEvent[] = [];
  /** Unique packets of comfort noise or silence, and of events. */
  silencePackets = 0;
  eventPackets = 0;
  /** Names of formats that carry redundancy: red, ulpfec, flexfec. */
  redundancy: readonly string[] = NONE;
  eventsDropped = 0;
  /** Packets of the event type that look like audio, up to the newest; null where it does not. */
  audioRun: AudioRun | null = null;
  /** The payload type of events that turned out to carry audio, or -1. */
  eventAudioType = -1;
  readonly intervals = new IntervalLog();
  readonly history = startHistory();
  restarts = 0;
  interruptions = 0;
  timestampJumps = 0;
  tooOld = 0;
  /** Packets that looked like a jump and were not confirmed by a second one: not counted anywhere else. */
  stray = 0;
  /** Expected packets of finished segments. */
  closedExpected = 0;
  segments = 1;
  /** Samples kept while the clock rate is still unknown: arrival us, timestamp, sequence, marker. */
  unclocked: Float64Array | null = null;
  unclockedCount = 0;
  /** What outgrew the 16 bits of `jitterCounts` and `delayCounts`. */
  jitterHigh: HighWords = null;
  delayHigh: HighWords = null;
  ipdvHigh: HighWords = null;
  /** Loss runs of one, two, ... nine, ten or more packets; null before the first loss. */
  lossRuns: Uint32Array | null = null;
  /** Packets with a delay, and how many of them a buffer of each depth would have missed; see what-if.ts. */
  delayedPackets = 0;
  beyondDepth: Float64Array | null = null;
  /** Least delay of each interval against media time, since the timestamps were last continuous; see skew.ts. */
  leastDelays = new DelayPoints();
  /** Packets behind those points. */
  leastDelayPackets = 0;
  /** What the clocks' drift has added to the delay by now, ms. -0 is a double, and no object has to change its shape later. */
  driftMs = -0;
  driftBaseMs = -0;
  /** The timestamps broke with what was before within the window at hand. */
  delayBroken = false;
  skewPpm: number | null = null;
  /** True after the delay step of a sender pause, until the next interval tells whether it stays. */
  delayStepped = false;

  constructor(number: number) {
    this.number = number;
  }
}

/** All RTP streams being measured: flat rows of numbers, a key index, and notes. */
export class StreamTable extends StreamColumns {
  /** Relative delay over the stream: `[capacity][HISTOGRAM_STRIDE]`. */
  readonly delayCounts: Uint16Array;
  /** Differences of delay between consecutive packets over the stream: ipdv.ts. */
  readonly ipdvCounts: Uint16Array;
  /** What looks at the payloads of the audio in force showed. */
  readonly looks: PayloadLooks;
  readonly keys: KeyIndex;
  readonly lossFeed = new LossFeed();
  /** Threads that measure full runs; null where everything is measured here. */
  lanes: Lanes | null = null;
  readonly notes: (StreamNotes | undefined)[];
  /** Slots in use, in no order; the sweep walks them. */
  readonly active: Int32Array;
  activeCount = 0;
  private readonly activeAt: Int32Array;
  private readonly free: Int32Array;
  private freeCount: number;
  private created = 0;

  /** @param capacity most streams measured at one time; memory is only touched as slots are used */
  constructor(capacity: number, memory: ColumnMemory = ownMemory) {
    super(capacity, memory);
    this.delayCounts = new Uint16Array(capacity * HISTOGRAM_STRIDE);
    this.ipdvCounts = new Uint16Array(capacity * IPDV_BUCKETS);
    this.looks = new PayloadLooks(capacity);
    this.keys = new KeyIndex(capacity);
    this.notes = new Array<StreamNotes | undefined>(capacity).fill(undefined);
    this.active = new Int32Array(capacity);
    this.activeAt = new Int32Array(capacity);
    this.free = new Int32Array(capacity);
    for (let i = 0; i < capacity; i++) this.free[i] = capacity - 1 - i;
    this.freeCount = capacity;
  }

  /** Takes an empty slot with zeroed rows, or -1 when the table is full. */
  take(): number {
    if (this.freeCount === 0) return -1;
    const slot = this.free[--this.freeCount]!;
    // Fresh memory is zero, but a page that is read before it is written costs two faults, and the other processors a pause.
    this.wipe(slot);
    this.notes[slot] = new StreamNotes(this.created++);
    this.active[this.activeCount] = slot;
    this.activeAt[slot] = this.activeCount++;
    return slot;
  }

  private wipe(slot: number): void {
    const n = slot * row.INTEGERS_PER_STREAM;
    const h = slot * HISTOGRAM_STRIDE;
    this.integers.fill(0, n, n + row.INTEGERS_PER_STREAM);
    this.jitterCounts.fill(0, h, h + HISTOGRAM_STRIDE);
    this.windowCounts.fill(0, h, h + HISTOGRAM_STRIDE);
    this.delayCounts.fill(0, h, h + HISTOGRAM_STRIDE);
    this.ipdvWindow.fill(0, slot * IPDV_BUCKETS, (slot + 1) * IPDV_BUCKETS);
    this.ipdvCounts.fill(0, slot * IPDV_BUCKETS, (slot + 1) * IPDV_BUCKETS);
    this.playout.reset(slot);
    this.looks.clear(slot);
  }

  /** Gives a slot back. Its key must already be out of the index. */
  release(slot: number): void {
    const at = this.activeAt[slot]!;
    const last = this.active[--this.activeCount]!;
    this.active[at] = last;
    this.activeAt[last] = at;
    this.notes[slot] = undefined;
    this.free[this.freeCount++] = slot;
  }

  /** The notes of a slot in use. */
  notesOf(slot: number): StreamNotes {
    return this.notes[slot]!;
  }
}
