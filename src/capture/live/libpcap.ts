import { loadKoffi, type NativeFunction } from './koffi.ts';

/** What is used of libpcap, as in pcap(3PCAP). Handles are pointers. */
export interface Libpcap {
  pcap_create(device: string, errors: Uint8Array): bigint | null;
  pcap_open_dead(linkType: number, snapLength: number): bigint | null;
  pcap_set_snaplen(handle: bigint, octets: number): number;
  pcap_set_promisc(handle: bigint, on: number): number;
  pcap_set_timeout(handle: bigint, ms: number): number;
  pcap_set_buffer_size(handle: bigint, octets: number): number;
  pcap_set_tstamp_precision(handle: bigint, precision: number): number;
  pcap_activate(handle: bigint): number;
  pcap_setnonblock(handle: bigint, on: number, errors: Uint8Array): number;
  pcap_datalink(handle: bigint): number;
  pcap_get_tstamp_precision(handle: bigint): number;
  pcap_get_selectable_fd(handle: bigint): number;
  pcap_compile(handle: bigint, program: Uint8Array, text: string, optimize: number, mask: number): number;
  pcap_freecode(program: Uint8Array): void;
  pcap_setfilter(handle: bigint, program: Uint8Array): number;
  pcap_dispatch(handle: bigint, count: number, callback: bigint, user: bigint): number;
  pcap_dump_fopen(handle: bigint, file: bigint): bigint | null;
  pcap_dump_flush(dump: bigint): number;
  pcap_dump_ftell(dump: bigint): number | bigint;
  pcap_dump_close(dump: bigint): void;
  pcap_stats(handle: bigint, figures: Uint32Array): number;
  pcap_geterr(handle: bigint): string;
  pcap_close(handle: bigint): void;
  /** A stream over memory, and its position: of the C library. */
  fmemopen(memory: Uint8Array, size: number, mode: string): bigint | null;
  fseek(file: bigint, offset: number, whence: number): number;
  /** `pcap_dump` as the callback of `pcap_dispatch`: packets are written without a word to JavaScript. */
  readonly dump: bigint;
  address(value: ArrayBufferView): bigint;
  view(pointer: bigint, length: number): ArrayBuffer;
}

const NAMES: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ['libpcap.so.0.8', 'libpcap.so.1', 'libpcap.so'],
  darwin: ['/usr/lib/libpcap.A.dylib', 'libpcap.dylib'],
  freebsd: ['libpcap.so.8', 'libpcap.so'],
};

const DECLARATIONS = [
  'void *pcap_create(const char *device, void *errors)',
  'void *pcap_open_dead(int linkType, int snapLength)',
  'int pcap_set_snaplen(void *handle, int octets)',
  'int pcap_set_promisc(void *handle, int on)',
  'int pcap_set_timeout(void *handle, int ms)',
  'int pcap_set_buffer_size(void *handle, int octets)',
  'int pcap_set_tstamp_precision(void *handle, int precision)',
  'int pcap_activate(void *handle)',
  'int pcap_setnonblock(void *handle, int on, void *errors)',
  'int pcap_datalink(void *handle)',
  'int pcap_get_tstamp_precision(void *handle)',
  'int pcap_get_selectable_fd(void *handle)',
  'int pcap_compile(void *handle, void *program, const char *text, int optimize, uint32_t mask)',
  'void pcap_freecode(void *program)',
  'int pcap_setfilter(void *handle, void *program)',
  'int pcap_dispatch(void *handle, int count, void *callback, void *user)',
  'void *pcap_dump_fopen(void *handle, void *file)',
  'int pcap_dump_flush(void *dump)',
  'long pcap_dump_ftell(void *dump)',
  'void pcap_dump_close(void *dump)',
  'int pcap_stats(void *handle, void *figures)',
  'const char *pcap_geterr(void *handle)',
  'void pcap_close(void *handle)',
] as const;

let opened: Libpcap | null | undefined;

/** libpcap through koffi, opened when it is first asked for; `null` where either is missing. */
export function openLibpcap(): Libpcap | null {
  if (opened === undefined) opened = load();
  return opened;
}

function load(): Libpcap | null {
  const koffi = loadKoffi();
  if (koffi === null) return null;
  for (const name of NAMES[process.platform] ?? []) {
    try {
      const library = koffi.load(name);
      const functions: Record<string, NativeFunction> = {};
      for (const declaration of DECLARATIONS) {
        functions[/(\w+)\(/.exec(declaration)![1]!] = library.func(declaration);
      }
      const libc = koffi.load(null);
      functions.fmemopen = libc.func('void *fmemopen(void *memory, size_t size, const char *mode)');
      functions.fseek = libc.func('int fseek(void *file, long offset, int whence)');
      return {
        ...(functions as unknown as Libpcap),
        dump: library.symbol('pcap_dump'),
        address: (value) => koffi.address(value),
        view: (pointer, length) => koffi.view(pointer, length),
      };
    } catch {
      // Not there, or too old for one of the functions: the next name.
    }
  }
  return null;
}
