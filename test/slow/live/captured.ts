import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { LiveCounters } from '../../../src/capture/live/live-source.ts';
import type { LiveOptions } from '../../../src/capture/live/open-live.ts';
import { type Lab, logged, type Running } from '../lab/lab.ts';

const CAPTURE = resolve(import.meta.dirname, 'capture.mjs');
const SEND = resolve(import.meta.dirname, 'send.mjs');

export interface SeenPacket {
  timeUs: number;
  deliveredUs: number;
  originalLength: number;
  linkType: number;
  frame: number;
  bytes: Buffer;
  /** Which buffer of its source it lay in. */
  buffer: number;
}

export interface Captured {
  engine: string;
  stamps: string;
  packets: SeenPacket[];
  ended: string | null;
  counters: LiveCounters;
}

export interface CaptureResult {
  sources: Captured[];
  notes: LiveCounters[][];
  error: { name: string; code: string; message: string } | null;
}

export interface Capture {
  running: Running;
  /** Tells it something, and waits until it has answered with `word`. */
  tell(line: string, word: string): Promise<void>;
  /** Ends it and reads what it saw. */
  stop(): Promise<CaptureResult>;
}

/** What lets the numbered frames of `sendFrames` in, and nothing else. */
export const NUMBERED = { expression: 'udp port 9999 or (vlan and udp port 9999)' };

/** Starts to capture in a host of the lab; `before` is put before the command. */
export async function startCapturing(
  lab: Lab,
  host: string,
  sources: readonly LiveOptions[],
  before: readonly string[] = [],
): Promise<Capture> {
  const running = lab.start(host, [...before, process.execPath, CAPTURE, JSON.stringify({ sources })]);
  // It may have ended before it is told to.
  running.child.stdin!.on('error', () => {});
  await logged(running, /^(capturing|result )/m);
  return {
    running,
    tell: async (line, word) => {
      running.child.stdin!.write(`${line}\n`);
      await logged(running, word);
    },
    stop: async () => {
      if (running.child.exitCode === null) running.child.stdin!.write('stop\n');
      await running.ended;
      return readResult(readFileSync(running.log, 'utf8'));
    },
  };
}

type Row = [
  timeUs: number,
  deliveredUs: number,
  originalLength: number,
  linkType: number,
  frame: number,
  hex: string,
  buffer: number,
];

function readResult(log: string): CaptureResult {
  const json = /^result (.*)$/m.exec(log)?.[1];
  if (json === undefined) throw new Error(`no result: ${log.slice(-2000)}`);
  const result = JSON.parse(json) as CaptureResult;
  for (const source of result.sources) {
    const rows = source.packets as unknown as Row[];
    source.packets = rows.map(([timeUs, deliveredUs, originalLength, linkType, frame, hex, buffer]) => ({
      timeUs,
      deliveredUs,
      originalLength,
      linkType,
      frame,
      bytes: Buffer.from(hex, 'hex'),
      buffer,
    }));
  }
  return result;
}

export interface Sending {
  device: string;
  count: number;
  everyUs?: number;
  vlans?: readonly number[];
  flows?: number;
}

/** Sends numbered frames from a host of the lab, and waits until they are sent. */
export async function sendFrames(lab: Lab, host: string, sending: Sending): Promise<void> {
  const running = lab.start(host, [process.execPath, SEND, JSON.stringify(sending)]);
  await logged(running, 'sent');
  await running.ended;
}

/** Number and time of sending (us) that a frame of `sendFrames` carries behind so many octets of headers. */
export function readNumbered({ bytes }: SeenPacket, headers = 42): { number: number; sentUs: number } {
  return { number: bytes.readUInt32BE(headers), sentUs: bytes.readDoubleBE(headers + 4) };
}

/** Runs a program in a host of the lab, and waits until it ended. */
export async function inHost(lab: Lab, host: string, command: readonly string[]): Promise<void> {
  const running = lab.start(host, command);
  const code = await running.ended;
  if (code !== 0) throw new Error(`${command.join(' ')}: ${readFileSync(running.log, 'utf8')}`);
}
