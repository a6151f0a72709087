import { createRequire } from 'node:module';

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
    } catch {
      loaded = null;
    }
  }
  return loaded;
}
