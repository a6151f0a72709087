import type { PacketBatch } from '../../packet/batch.ts';
import { captureFromBytes } from '../open.ts';
import type { KeyLogListener } from '../pcapng-secrets.ts';
import type { CaptureProblem, CaptureSource, InputDescription } from '../source.ts';
import { PushedBytes } from './pushed-bytes.ts';

/** Which capture it is, and who gets what lies in it. */
export interface PushedCaptureOptions {
  /** How it is called in messages. */
  name: string;
  /** Written to the batches' `input` column. */
  input: number;
  /** Gets the TLS key logs that lie in a pcapng, before the packets behind them. */
  onKeyLog?: KeyLogListener;
}

/** A capture (pcap or pcapng) that comes in chunks, read by the parsers of files: each packet is delivered as soon as it is complete. */
export class PushedCapture {
  readonly #bytes = new PushedBytes();
  readonly #capture: CaptureSource;
  readonly #deliver: (batch: PacketBatch) => void;

  constructor({ name, input, onKeyLog }: PushedCaptureOptions, deliver: (batch: PacketBatch) => void) {
    const options = onKeyLog === undefined ? {} : { onKeyLog };
    this.#capture = captureFromBytes(this.#bytes, name, { ...options, input, unpack: false });
    this.#deliver = deliver;
  }

  /** What came so far. */
  get input(): InputDescription {
    return this.#capture.inputs[0]!;
  }

  get bytesTaken(): number {
    return this.#bytes.bytesTaken;
  }

  get problems(): readonly CaptureProblem[] {
    return this.#capture.problems;
  }

  /** What ended the capture before its end; undefined for nothing. */
  get fatal(): CaptureProblem | undefined {
    return this.problems.find(({ fatal }) => fatal);
  }

  /** Takes a chunk and delivers what it completes; the chunk belongs to the caller again afterwards. */
  push(chunk: Uint8Array): void {
    this.#bytes.push(chunk);
    this.#pull();
  }

  /** No more will come. */
  end(): void {
    this.#bytes.end();
    this.#pull();
  }

  #pull(): void {
    let batch = this.#capture.read();
    while (batch !== null && (batch.count > 0 || this.#bytes.waiting > 0)) {
      if (batch.count > 0) this.#deliver(batch);
      batch = this.#capture.read();
    }
  }
}
