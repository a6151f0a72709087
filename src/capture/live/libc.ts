import { loadKoffi, type NativeFunction, type PollCallback, type PollHandle } from './koffi.ts';

/** The system calls that live capture is made of, as in the manual pages; all return -1 (`null`) on failure. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  close(descriptor: number): number;
  setsockopt(descriptor: number, level: number, option: number, value: Uint8Array, length: number): number;
  getsockopt(
    descriptor: number,
    level: number,
    option: number,
    value: ArrayBufferView,
    length: Uint32Array,
  ): number;
  bind(descriptor: number, address: Uint8Array, length: number): number;
  ioctl(descriptor: number, request: number, argument: Uint8Array): number;
  mmap(
    address: bigint | null,
    length: number,
    protection: number,
    flags: number,
    fd: number,
    at: number,
  ): bigint;
  if_nametoindex(name: string): number;
  adjtimex(buffer: Uint8Array): number;
  /** Number of the error of the call just made. */
  errno(): number;
  /** Where a typed array lies in memory: valid as long as it is kept. */
  address(value: ArrayBufferView): bigint;
  view(pointer: bigint, length: number): ArrayBuffer;
  /** Watches a descriptor from this thread's event loop. */
  poll(descriptor: number, callback: PollCallback): PollHandle;
}

const DECLARATIONS = {
  socket: 'int socket(int domain, int type, int protocol)',
  close: 'int close(int fd)',
  setsockopt: 'int setsockopt(int fd, int level, int option, const void *value, uint32_t length)',
  getsockopt: 'int getsockopt(int fd, int level, int option, void *value, void *length)',
  bind: 'int bind(int fd, const void *address, uint32_t length)',
  ioctl: 'int ioctl(int fd, unsigned long request, void *argument)',
  mmap: 'void *mmap(void *address, size_t length, int protection, int flags, int fd, int64_t offset)',
  if_nametoindex: 'unsigned int if_nametoindex(const char *name)',
  adjtimex: 'int adjtimex(void *buffer)',
} as const;

let opened: Libc | null | undefined;

/** The C library of this process; `null` without koffi, and on anything but Linux. */
export function openLibc(): Libc | null {
  if (opened !== undefined) return opened;
  const koffi = process.platform === 'linux' ? loadKoffi() : null;
  if (koffi === null) {
    opened = null;
    return null;
  }
  // Whatever the process is linked to, glibc or musl.
  const library = koffi.load(null);
  const functions: Record<string, NativeFunction> = {};
  for (const [name, declaration] of Object.entries(DECLARATIONS)) functions[name] = library.func(declaration);
  opened = {
    ...(functions as unknown as Libc),
    errno: () => koffi.errno(),
    address: (value) => koffi.address(value),
    view: (pointer, length) => koffi.view(pointer, length),
    poll: (descriptor, callback) => koffi.node.poll(descriptor, callback),
  };
  return opened;
}
