/**
 * What every place that packets come from looks like to the rest of Earshot.
 *
 * A source is pulled, synchronously: `read()` hands out one batch at a time and reuses it. What is wrong with an
 * input is data (`problems`), not an exception, because the packets before the damage are still worth measuring.
 */
import type { PacketBatch } from '../packet/batch.ts';
import type { DropListener } from './drop-log.ts';

/** File formats that can be read. */
export type CaptureFormat = 'pcap' | 'pcapng';

/** What is known about one input so far. */
export interface InputDescription {
  /** As the user gave it; '-' is standard input. */
  path: string;
  /** `null` until the first read, and for ever when the input turns out not to be a capture. */
  format: CaptureFormat | null;
  /** Distinct link types declared, in order of appearance (LINKTYPE numbers). */
  linkTypes: number[];
  /** Packets delivered. */
  packets: number;
  /** Sum of the packets' lengths on the wire. */
  bytes: number;
  /** Packets that the capturing machine says it lost; `null` when the file says nothing about it. */
  dropped: number | null;
  /**
   * Packets that the capturing program got, by the file's own account; more than `packets` where the file holds a part of
   * them, as a slice does. `null` when it says nothing about it.
   */
  delivered: number | null;
}

/** Why an input could not be read, or not to its end. */
export type CaptureProblemCode =
  /** No bytes at all. */
  | 'empty_file'
  /** Neither pcap nor pcapng. */
  | 'not_a_capture'
  /** Packed in a way that is not read: xz, bzip2, zip, or compressed twice. */
  | 'compressed'
  /** Compressed data that cannot be decompressed from here on. */
  | 'bad_compression'
  /** A capture format or version that is not read. */
  | 'unsupported_version'
  /** The input ends inside a record. */
  | 'truncated_file'
  /** A record that contradicts itself. */
  | 'bad_record'
  /** The operating system refused to go on reading. */
  | 'read_error';

/** Something that stopped or hurt the reading of an input. */
export interface CaptureProblem {
  path: string;
  /** Where in the (uncompressed) input, in bytes: the start of the record concerned. */
  offset: number;
  code: CaptureProblemCode;
  /** True when reading of this input ended here. */
  fatal: boolean;
  /** One line for the user: what is wrong, and what to do if anything can be done. */
  text: string;
}

/** A stream of packets from one or several inputs. */
export interface CaptureSource {
  /**
   * The next batch, or `null` at the end. Blocks until at least one packet is there. The batch and its buffers are
   * reused: valid only until the next call.
   */
  read(): PacketBatch | null;
  /** Live: updated as reading goes on. `inputs[i]` is the input that the batch column `input` calls `i`. */
  readonly inputs: readonly InputDescription[];
  /** Live. Reading ends gracefully after a fatal problem, the packets before it were delivered. */
  readonly problems: readonly CaptureProblem[];
  /** Tells when packets were lost by what the inputs said of it since the last call; not of counters without a time. */
  takeDrops(listener: DropListener): void;
  /** Bytes taken from the inputs so far. */
  readonly bytesRead: number;
  /** Size of the inputs, or `null` when one of them has none (a pipe). */
  readonly bytesTotal: number | null;
  /** Gives the files back. Idempotent; `read()` then returns `null`. */
  close(): void;
}
