import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';

/** A C function. Pointers come back as BigInt; typed arrays and buffers are passed as the memory they are. */
// biome-ignore lint/suspicious/noExplicitAny: what a C function takes and gives is only known where it is declared
export type NativeFunction = (...args: any[]) => any;

export interface NativeLibrary {
  func(declaration: string): NativeFunction;
  /** Where a function or variable lies. */
  symbol(name: string): bigint;
}

/** Tells when a descriptor is readable, from the event loop of the thread that asked. */
export interface PollHandle {
  start(callback: PollCallback): void;
  stop(): void;
  close(): void;
}

/** `status` is negative when the descriptor has an error to tell; the handle is stopped then. */
export type PollCallback = (status: number) => void;

/** What is used of koffi (https://koffi.dev), a foreign function interface that comes compiled. */
export interface Koffi {
  load(path: string | null): NativeLibrary;
  view(pointer: bigint, length: number): ArrayBuffer;
  errno(): number;
  address(value: unknown): bigint;
  readonly node: { poll(descriptor: number, callback: PollCallback): PollHandle };
}

let loaded: Koffi | null | undefined;

/** Koffi, loaded when it is first asked for; `null` where it is not installed or has no build for this platform. */
export function loadKoffi(): Koffi | null {
  if (loaded === undefined) {
    try {
      const module = createRequire(import.meta.url)('koffi') as Koffi & { default?: Koffi };
      const koffi = module.default ?? module;
      loaded = typeof koffi.node?.poll === 'function' && typeof koffi.view === 'function' ? koffi : null;
      if (loaded !== null && !isMainThread && process.platform === 'linux') keepLoaded(loaded);
    } catch {
      loaded = null;
    }
  }
  return loaded;
}

const RTLD_LAZY = 1;
const RTLD_NODELETE = 0x1000;

/**
 * Keeps koffi's own code in memory until the process ends. Node.js unloads an addon with the last thread that used it, and when
 * that thread is ended while it waits for a descriptor, libuv still calls into the addon to free the handle: the process crashes.
 */
function keepLoaded(koffi: Koffi): void {
  const path = /^.* (\/.*koffi\.node)$/m.exec(readFileSync('/proc/self/maps', 'utf8'))?.[1];
  if (path === undefined) return;
  const dlopen = koffi.load(null).func('void *dlopen(const char *path, int flags)');
  dlopen(path, RTLD_LAZY | RTLD_NODELETE);
}
