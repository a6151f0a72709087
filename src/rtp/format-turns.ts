/*
 * A stream may change its codec. It is named, and scored as a whole, by the codec of most of its packets in a row: not
 * by the last, which may have been there for one packet.
 */
import { noteFormat } from './happenings.ts';
import type { ModeReader, PayloadPeek } from './payload-peek.ts';
import { KIND_AUDIO, type PayloadFormat } from './payload-types.ts';
import * as row from './stream-row.ts';
import type { StreamTable } from './stream-table.ts';

/** An audio format and what was seen of the stream while it was in force. */
export interface FormatTurn {
  format: PayloadFormat | null;
  payloadType: number;
  clockRate: number;
  ptimeMs: number | null;
  peek: PayloadPeek | null;
  /** Packets while it was in force, those of events left out. */
  packets: number;
}

/**
 * An audio format is in force as of `timeUs`, or what it stands for became known. Called before its clock is set.
 *
 * @param mayPeek whether payloads may be looked at
 */
export function takeFormat(
  table: StreamTable,
  slot: number,
  format: PayloadFormat,
  payloadType: number,
  timeUs: number,
  modes: ModeReader | null,
  mayPeek: boolean,
): void {
  const notes = table.notesOf(slot);
  const before = notes.audioFormat;
  // A rate that was inferred gets its name with the signalling: that is no change.
  if (before !== null && before.name !== '' && !isSame(before, format)) {
    const turn = currentTurn(table, slot);
    if (notes.longestTurn === null || turn.packets > notes.longestTurn.packets) notes.longestTurn = turn;
    notes.turnFrom += turn.packets;
  }
  if (mayPeek && format.kind === KIND_AUDIO && before?.name !== format.name) {
    table.looks.start(slot, modes, format.name, format.fmtp);
  }
  notes.audioFormat = format;
  notes.audioPayloadType = payloadType;
  noteFormat(table, slot, timeUs, payloadType, format.name);
}

/** The turn of most packets, of equals the last, of a stream that is over. */
export function mainTurn(table: StreamTable, slot: number): FormatTurn {
  const { longestTurn } = table.notesOf(slot);
  const last = currentTurn(table, slot);
  return longestTurn !== null && longestTurn.packets > last.packets ? longestTurn : last;
}

function isSame(a: PayloadFormat, b: PayloadFormat): boolean {
  return a.clockRate === b.clockRate && a.name.toLowerCase() === b.name.toLowerCase();
}

function currentTurn(table: StreamTable, slot: number): FormatTurn {
  const { audioFormat, audioPayloadType, turnFrom } = table.notesOf(slot);
  const base = slot * row.DOUBLES_PER_STREAM;
  const intBase = slot * row.INTEGERS_PER_STREAM;
  const msPerTick = table.doubles[base + row.MS_PER_TICK]!;
  const frameTicks = table.integers[intBase + row.FRAME_TICKS]!;
  return {
    format: audioFormat,
    payloadType: audioPayloadType,
    clockRate: table.integers[intBase + row.CLOCK_RATE]!,
    ptimeMs: frameTicks > 0 && msPerTick > 0 ? frameTicks * msPerTick : null,
    peek: table.looks.seen(slot),
    packets: table.integers[intBase + row.RFC_JITTER_COUNT]! - turnFrom,
  };
}
