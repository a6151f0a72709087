import type { ColumnMemory } from './column-memory.ts';
import { HISTOGRAM_STRIDE } from './histograms.ts';
import { IPDV_BUCKETS } from './ipdv.ts';
import { PlayoutState } from './playout/state.ts';
import * as row from './stream-row.ts';

/** The numbers of all streams that measuring a run of packets in order needs: nothing but typed arrays. */
export class StreamColumns {
  readonly capacity: number;
  /** The rows of stream-row.ts, twice: as doubles and as integers. */
  readonly doubles: Float64Array;
  readonly integers: Int32Array;
  /** Distribution of the D2 jitter, `[capacity][HISTOGRAM_STRIDE]`. */
  readonly jitterCounts: Uint16Array;
  /** Relative delay within the current interval: `[capacity][HISTOGRAM_STRIDE]`. */
  readonly windowCounts: Uint16Array;
  /** Differences of delay between consecutive packets of the interval: ipdv.ts. */
  readonly ipdvWindow: Uint16Array;
  readonly playout: PlayoutState;

  /** @param capacity most streams measured at one time; memory is only touched as slots are used */
  constructor(capacity: number, memory: ColumnMemory) {
    this.capacity = capacity;
    const rows = memory(capacity * row.DOUBLES_PER_STREAM * Float64Array.BYTES_PER_ELEMENT);
    this.doubles = new Float64Array(rows);
    this.integers = new Int32Array(rows);
    this.jitterCounts = new Uint16Array(memory(capacity * HISTOGRAM_STRIDE * 2));
    this.windowCounts = new Uint16Array(memory(capacity * HISTOGRAM_STRIDE * 2));
    this.ipdvWindow = new Uint16Array(memory(capacity * IPDV_BUCKETS * 2));
    this.playout = new PlayoutState(capacity, memory);
  }
}
