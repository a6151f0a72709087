/**
 * Interface statistics blocks (draft-ietf-opsawg-pcapng, 4.6): what an interface counted since the capture began.
 *
 *      0 block type            12 time stamp, high
 *      4 block length          16 time stamp, low word
 *      8 interface             20 options; block length again
 *
 * A block that says when the capture ended gives the account of all of it. One that does not is a reading of counters
 * that go on: two of them say that what was lost between them was lost then.
 */
import { type DropLog, TURN_SPAN_MAX_US } from './drop-log.ts';
import { type InterfaceTable, ticksToUs } from './pcapng-interfaces.ts';
import { findOption, readUint64 } from './pcapng-options.ts';

export const INTERFACE_STATISTICS_BLOCK = 5;
export const MIN_INTERFACE_STATISTICS_BYTES = 24;

const TRAILER_BYTES = 4;
const OPTIONS = 20;

const OPTION_END_TIME = 3;
const OPTION_IF_DROP = 5;
const OPTION_OS_DROP = 7;
const OPTION_USER_DELIVERED = 8;

/** Counters of an interface as they stood at a time. */
interface Reading {
  timeUs: number;
  dropped: number;
  /** Packets that the capturing program got; null where it is not said. */
  delivered: number | null;
  /** Number of the last packet before the block. */
  frame: number;
}

/** Reads the statistics of a file: totals go into the table of interfaces, times of drops into the log. */
export class StatisticsReader {
  readonly #table: InterfaceTable;
  readonly #drops: DropLog;
  readonly #last = new Map<number, Reading>();

  constructor(table: InterfaceTable, drops: DropLog) {
    this.#table = table;
    this.#drops = drops;
  }

  /** Interfaces are numbered anew. */
  clear(): void {
    this.#last.clear();
  }

  /** Takes the block that lies whole in `view` from `start`, behind packet number `frame`. */
  take(view: DataView, start: number, length: number, littleEndian: boolean, frame: number): void {
    const table = this.#table;
    const id = view.getUint32(start + 8, littleEndian);
    if (id >= table.count) return;
    const from = start + OPTIONS;
    const to = start + length - TRAILER_BYTES;
    const byInterface = counter(view, from, to, littleEndian, OPTION_IF_DROP);
    const bySystem = counter(view, from, to, littleEndian, OPTION_OS_DROP);
    const delivered = counter(view, from, to, littleEndian, OPTION_USER_DELIVERED);
    if (byInterface !== null) table.countedBy(id, 'interface', byInterface);
    if (bySystem !== null) table.countedBy(id, 'system', bySystem);
    if (delivered !== null) table.deliveredBy(id, delivered);
    if (byInterface === null && bySystem === null) return;
    if (findOption(view, from, to, littleEndian, OPTION_END_TIME, 8) !== -1) return;
    const timeUs = ticksToUs(
      view.getUint32(start + 12, littleEndian),
      view.getUint32(start + 16, littleEndian),
      table.divisor[id]!,
      table.highFactor[id]!,
      table.lowFactor[id]!,
      table.offsetUs[id]!,
    );
    this.#read(id, { timeUs, dropped: (byInterface ?? 0) + (bySystem ?? 0), delivered, frame });
  }

  #read(id: number, reading: Reading): void {
    const before = this.#last.get(id);
    this.#last.set(id, reading);
    // Where packets say it themselves they say it better.
    if (before === undefined || this.#table.saidByPackets(id)) return;
    const dropped = reading.dropped - before.dropped;
    const spanUs = reading.timeUs - before.timeUs;
    if (!(dropped > 0 && spanUs >= 0 && spanUs <= TURN_SPAN_MAX_US)) return;
    const packets =
      reading.delivered === null || before.delivered === null
        ? reading.frame - before.frame
        : Math.max(0, reading.delivered - before.delivered);
    this.#drops.add(before.timeUs, reading.timeUs, dropped, packets);
  }
}

/** All ones is how "unknown" is written; nothing above 2^53 can be a count of packets. */
function counter(
  view: DataView,
  from: number,
  to: number,
  littleEndian: boolean,
  code: number,
): number | null {
  const at = findOption(view, from, to, littleEndian, code, 8);
  if (at === -1) return null;
  const value = readUint64(view, at, littleEndian);
  return value > Number.MAX_SAFE_INTEGER ? null : value;
}
