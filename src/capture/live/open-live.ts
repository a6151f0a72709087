import { isMainThread } from 'node:worker_threads';
import { CapProcess } from './cap-process.ts';
import { CapSource, capIsBuilt, loadCap } from './cap-source.ts';
import type { CaptureFilter } from './capture-filter.ts';
import { type CapturePlatform, chooseEngine, type EngineWish, type InterfaceEngine } from './choose.ts';
import { loadKoffi } from './koffi.ts';
import { openLibpcap } from './libpcap.ts';
import { LibpcapSource } from './libpcap-source.ts';
import { LiveCaptureError, type LiveSource } from './live-source.ts';
import { RingGroup } from './ring-group.ts';
import { RingSource } from './ring-source.ts';
import type { RingTurns } from './ring-turns.ts';
import { DEFAULT_VOICE_PORTS } from './voice-filter.ts';

/** Where to capture and how; what an engine has no use for is passed over. */
export interface LiveOptions {
  interface: string;
  /** Default `auto`. */
  engine?: EngineWish;
  /** Number of this input, written to the batches' `input` column. Default 0. */
  input?: number;
  /** What to let in: an expression of pcap-filter(7), or the ports of voice. Default everything. */
  filter?: CaptureFilter;
  /** Default true. */
  promiscuous?: boolean;
  /** Octets captured of each packet at most. Default all. */
  snapLength?: number;
  /** What the kernel may hold. Default 64 MiB. */
  bufferBytes?: number;
  /** Ring: octets of a block, a power of two of at least a page. Default 256 KiB. */
  blockBytes?: number;
  /** Ring: a packet alone in its block is seen after this time, ms. Default 60. */
  retireMs?: number;
  /** Ring: this many sockets share what comes in by flow, each with a buffer of its own. Default 1. */
  sockets?: number;
  /** cap: the program that captures in a process of its own; needed where this is not the main thread. */
  capProgram?: string;
  /** Ring: others that the same thread reads. */
  turns?: RingTurns;
}

export interface OpenedLive {
  source: LiveSource;
  /** Which engine it is, and why, in one line. */
  why: string;
}

const BUFFER_BYTES = 64 << 20;
const BLOCK_BYTES = 256 << 10;

/** What this machine has to capture with. Looked for when it is asked about: nothing is loaded that is not needed. */
export function capturePlatform(): CapturePlatform {
  return {
    platform: process.platform,
    get koffi() {
      return loadKoffi() !== null;
    },
    get libpcap() {
      return openLibpcap() !== null;
    },
    get cap() {
      // Its native code brings the process down when a thread that is not the main one ends.
      return isMainThread ? loadCap() !== null : capIsBuilt();
    },
  };
}

/**
 * A source for an interface, not yet started.
 *
 * @throws {LiveCaptureError} `library_missing`, `not_supported` when no engine that was asked for runs here
 */
export function openLive(options: LiveOptions, platform: CapturePlatform = capturePlatform()): OpenedLive {
  const { engine, why } = chooseEngine(options.engine ?? 'auto', platform);
  if (engine === null) {
    const code = /is for Linux|not run on/.test(why) ? 'not_supported' : 'library_missing';
    throw new LiveCaptureError(code, why);
  }
  if (engine === 'pipe' || engine === 'hep') {
    throw new LiveCaptureError('not_supported', `${engine} does not capture from an interface`);
  }
  return { source: create(engine, options), why };
}

function create(engine: InterfaceEngine, options: LiveOptions): LiveSource {
  const { bufferBytes = BUFFER_BYTES, blockBytes = BLOCK_BYTES } = options;
  switch (engine) {
    case 'ring': {
      const { sockets = 1 } = options;
      const blocks = Math.max(2, Math.floor(bufferBytes / blockBytes));
      const ring = { ...options, blockBytes, blocks };
      return sockets > 1 ? new RingGroup(ring, sockets) : new RingSource(ring);
    }
    case 'pcap':
      return new LibpcapSource(options);
    case 'cap': {
      const { filter, capProgram, ...rest } = options;
      const expression = filter === undefined ? undefined : expressionOf(filter);
      const cap = { ...rest, ...(expression === undefined ? {} : { filter: expression }) };
      return capProgram === undefined ? new CapSource(cap) : new CapProcess(capProgram, cap);
    }
  }
}

/** Ports as an expression, for an engine that takes nothing else. */
function expressionOf(filter: CaptureFilter): string {
  if ('expression' in filter) return filter.expression;
  const { udpFrom, sip, tunnels } = { ...DEFAULT_VOICE_PORTS, ...filter.ports };
  const ports = [...sip, ...tunnels].map((port) => `port ${port}`);
  const kept = [`udp portrange ${udpFrom}-65535`, ...ports, 'ip[6:2] & 0x3fff != 0', 'ip6[6] = 44'];
  return `(${kept.join(' or ')}) or (ip and not udp and not tcp) or (ip6 and not udp and not tcp) or vlan`;
}
