import { availableParallelism, endianness } from 'node:os';
import type { Libc } from './libc.ts';
import { systemText } from './system-text.ts';

/** What is known of this process and its machine, for whoever judges it. `null` is what could not be found out. */
export interface MachineFacts {
  platform: NodeJS.Platform;
  /** Effective user; `null` where there is no such thing. */
  user: number | null;
  /** Rights that this thread has. */
  rights: ProcessRights | null;
  clock: ClockFacts | null;
  processors: number;
  /** Packets that may wait between a card and the kernel's network stack, per processor. */
  receiveBacklog: number | null;
}

export interface ProcessRights {
  /** To capture. */
  netRaw: boolean;
  /** To change interfaces. */
  netAdmin: boolean;
}

export interface ClockFacts {
  /** Does something (NTP, PTP) keep the clock, as far as the kernel knows? */
  synchronised: boolean;
  /** How far off the clock may be at most, and is likely to be, us. */
  maxErrorUs: number;
  estimatedErrorUs: number;
}

const CAP_NET_ADMIN = 12n;
const CAP_NET_RAW = 13n;
const TIMEX_BYTES = 208;
const STA_UNSYNC = 0x40;
const TIME_ERROR = 5;
const LITTLE = endianness() === 'LE';

/** Finds out about process and machine. Takes no rights. */
export function machineFacts(libc: Libc | null): MachineFacts {
  const backlog = Number(systemText('/proc/sys/net/core/netdev_max_backlog') ?? Number.NaN);
  return {
    platform: process.platform,
    user: process.geteuid?.() ?? null,
    rights: processRights(systemText('/proc/thread-self/status') ?? systemText('/proc/self/status') ?? ''),
    clock: libc === null ? null : clockFacts(libc),
    processors: availableParallelism(),
    receiveBacklog: Number.isNaN(backlog) ? null : backlog,
  };
}

/** The effective capabilities of a `/proc/<pid>/status`; `null` when they are not in it. */
export function processRights(status: string): ProcessRights | null {
  const digits = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  if (digits === undefined) return null;
  const bits = BigInt(`0x${digits}`);
  return { netRaw: ((bits >> CAP_NET_RAW) & 1n) === 1n, netAdmin: ((bits >> CAP_NET_ADMIN) & 1n) === 1n };
}

/** What adjtimex(2) says when nothing is asked to be changed. */
function clockFacts(libc: Libc): ClockFacts | null {
  const buffer = new Uint8Array(new ArrayBuffer(TIMEX_BYTES));
  const state = libc.adjtimex(buffer);
  return state < 0 ? null : readTimex(buffer, state);
}

/** `struct timex` of a 64-bit Linux, and what `adjtimex` returned with it. */
export function readTimex(buffer: Uint8Array<ArrayBuffer>, state: number): ClockFacts {
  const fields = new DataView(buffer.buffer, buffer.byteOffset);
  const status = fields.getInt32(40, LITTLE);
  return {
    synchronised: state !== TIME_ERROR && (status & STA_UNSYNC) === 0,
    maxErrorUs: Number(fields.getBigInt64(24, LITTLE)),
    estimatedErrorUs: Number(fields.getBigInt64(32, LITTLE)),
  };
}
