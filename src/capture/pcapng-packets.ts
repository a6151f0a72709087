/**
 * The packet blocks of pcapng: the enhanced one (6) and its predecessor (2), which differ in one field only:
 * the old one has the interface in 16 bits, and how many packets were lost before it in the other 16.
 *
 *      0 block type            16 time stamp, low word
 *      4 block length          20 bytes captured
 *      8 interface             24 bytes on the wire
 *     12 time stamp, high      28 packet, padded to 4; options; block length again
 */
import type { PacketBatch } from '../packet/batch.ts';
import type { DropLog } from './drop-log.ts';
import { MAX_CAPTURED_BYTES } from './format.ts';
import { type InterfaceTable, ticksToUs } from './pcapng-interfaces.ts';
import { findOption } from './pcapng-options.ts';

export const OLD_PACKET_BLOCK = 2;
export const ENHANCED_PACKET_BLOCK = 6;

/** Bytes of an enhanced packet block without the packet: header, fields and the repeated length. */
export const PACKET_BLOCK_OVERHEAD = 32;

/**
 * Longest block that is held in memory as a whole: a packet at its limit and as much again for options. A longer
 * packet block is damage, other long blocks are passed over unseen.
 */
export const MAX_BLOCK_BYTES = 2 * MAX_CAPTURED_BYTES;

const DATA_OFFSET = 28;

/** A block longer than its packet by this has an option, whatever the padding. */
const LEAST_WITH_OPTION = PACKET_BLOCK_OVERHEAD + 4 + 3;
const OPTION_EPB_DROPCOUNT = 4;

/** What the packet loop needs and gives back; one object per file, so that the loop allocates nothing. */
export interface BlockCursor {
  littleEndian: boolean;
  inputIndex: number;
  /** Number of the last packet read. */
  frame: number;
  /** Sum of the lengths on the wire. */
  wireBytes: number;
  /** Time of the last packet; a simple packet block has none of its own. */
  lastTimeUs: number;
  /** When packets say that others were lost before them. */
  drops: DropLog;
}

const UNKNOWN = -1;
/** How an old packet block says that it does not know. */
const OLD_UNKNOWN = 0xffff;

/**
 * Packets lost between an enhanced packet block and the one before it on its interface (epb_dropcount); `UNKNOWN` where it
 * does not say, or says what no count between two packets can be: 2^32 take half a minute at 100 Gbit/s.
 */
function dropCount(
  view: DataView,
  position: number,
  length: number,
  captured: number,
  littleEndian: boolean,
): number {
  const from = position + DATA_OFFSET + ((captured + 3) & ~3);
  const at = findOption(view, from, position + length - 4, littleEndian, OPTION_EPB_DROPCOUNT, 8);
  if (at === -1 || view.getUint32(littleEndian ? at + 4 : at, littleEndian) !== 0) return UNKNOWN;
  return view.getUint32(littleEndian ? at : at + 4, littleEndian);
}

/** The same of an old packet block, which has a field for it. */
function oldDropCount(view: DataView, position: number, littleEndian: boolean): number {
  const lost = view.getUint16(position + 10, littleEndian);
  return lost === OLD_UNKNOWN ? UNKNOWN : lost;
}

/** The interface that an enhanced or old packet block at `position` names. */
export function interfaceOf(view: DataView, position: number, type: number, littleEndian: boolean): number {
  const at = position + 8;
  // The old block shares the word with a drop counter.
  return type === ENHANCED_PACKET_BLOCK ? view.getUint32(at, littleEndian) : view.getUint16(at, littleEndian);
}

/**
 * Appends the sound enhanced and old packet blocks that lie complete in `view` from `start` to `end`, until the
 * batch is full. Stops before anything else: another type of block, one that is cut, one that is wrong.
 *
 * The hot loop of a replay: a function of its own over typed arrays, nothing is allocated per packet.
 *
 * @returns where it stopped
 */
export function parsePacketBlocks(
  view: DataView,
  start: number,
  end: number,
  batch: PacketBatch,
  table: InterfaceTable,
  cursor: BlockCursor,
): number {
  const { littleEndian, inputIndex, drops } = cursor;
  const { offset, capturedLength, originalLength, timeUs, linkType, input, frame } = batch;
  const interfaces = table.count;
  const capacity = offset.length;
  const lastStart = end - PACKET_BLOCK_OVERHEAD;
  let { frame: frameNumber, wireBytes, lastTimeUs } = cursor;
  let count = batch.count;
  let counted = count;
  let position = start;
  while (count < capacity && position <= lastStart) {
    const type = view.getUint32(position, littleEndian);
    if (type !== ENHANCED_PACKET_BLOCK && type !== OLD_PACKET_BLOCK) break;
    const length = view.getUint32(position + 4, littleEndian);
    if (length < PACKET_BLOCK_OVERHEAD || length > MAX_BLOCK_BYTES || (length & 3) !== 0) break;
    if (position + length > end) break;
    if (view.getUint32(position + length - 4, littleEndian) !== length) break;
    const id = interfaceOf(view, position, type, littleEndian);
    const captured = view.getUint32(position + 20, littleEndian);
    if (id >= interfaces || captured > length - PACKET_BLOCK_OVERHEAD || captured > MAX_CAPTURED_BYTES) break;
    // Signed on purpose: 0xffffffff ("unknown" of some writers) falls under "less than captured" too.
    const original = view.getInt32(position + 24, littleEndian);
    const wire = Math.max(original, captured);
    const beforeUs = lastTimeUs;
    lastTimeUs = ticksToUs(
      view.getUint32(position + 12, littleEndian),
      view.getUint32(position + 16, littleEndian),
      table.divisor[id]!,
      table.highFactor[id]!,
      table.lowFactor[id]!,
      table.offsetUs[id]!,
    );
    frameNumber += 1;
    wireBytes += wire;
    if (length - captured >= LEAST_WITH_OPTION || type === OLD_PACKET_BLOCK) {
      const lost =
        type === OLD_PACKET_BLOCK
          ? oldDropCount(view, position, littleEndian)
          : dropCount(view, position, length, captured, littleEndian);
      if (lost !== UNKNOWN) table.lostBeforePacket(id, lost);
      if (lost > 0) {
        drops.count(timeUs, frame, counted, count);
        counted = count;
        drops.note(frameNumber === 1 ? lastTimeUs : beforeUs, lastTimeUs, frameNumber, lost);
      }
    }
    offset[count] = position + DATA_OFFSET;
    capturedLength[count] = captured;
    originalLength[count] = wire;
    timeUs[count] = lastTimeUs;
    linkType[count] = table.linkType[id]!;
    input[count] = inputIndex;
    frame[count] = frameNumber;
    count += 1;
    position += length;
  }
  drops.count(timeUs, frame, counted, count);
  batch.count = count;
  cursor.frame = frameNumber;
  cursor.wireBytes = wireBytes;
  cursor.lastTimeUs = lastTimeUs;
  return position;
}
