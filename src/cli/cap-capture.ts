import type { CapProcessRefusal, CapProcessTask } from '../capture/live/cap-process.ts';
import { pcapHead, pcapRecords } from '../capture/live/cap-records.ts';
import { CapSource } from '../capture/live/cap-source.ts';
import { LiveCaptureError } from '../capture/live/live-source.ts';
import type { PacketBatch } from '../packet/batch.ts';

/** Where writing does not wait for the reader, what waits is bounded: what comes then is lost, as it is in the package. */
const WAITING_BYTES_MAX = 64 << 20;

/** Captures with the package `cap` and writes a pcap to standard output until standard input ends. */
function capture({ trial, ...options }: CapProcessTask): void {
  const source = new CapSource(options);
  let hasHead = false;
  const write = (batch: PacketBatch): void => {
    if (process.stdout.writableLength > WAITING_BYTES_MAX) return;
    if (!hasHead) process.stdout.write(pcapHead(batch.linkType[0]!));
    hasHead = true;
    process.stdout.write(pcapRecords(batch));
  };
  source.start(write, () => {});
  if (trial) void source.stop();
  else process.stdin.on('close', () => void source.stop()).resume();
}

// Whoever reads is gone.
process.stdout.on('error', () => process.exit(0));
try {
  capture(JSON.parse(process.argv[2]!) as CapProcessTask);
} catch (error) {
  const code = error instanceof LiveCaptureError ? error.code : 'failed';
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${JSON.stringify({ code, message } satisfies CapProcessRefusal)}\n`);
  process.exitCode = 1;
}
