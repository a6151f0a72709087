// A raw socket on an interface, for what sends frames of its own.
import koffi from 'koffi';

/** The C library. */
export const libc = koffi.load(null);
const socket = libc.func('int socket(int domain, int type, int protocol)');
const setsockopt = libc.func(
  'int setsockopt(int fd, int level, int option, const void *value, uint32_t length)',
);
const bind = libc.func('int bind(int fd, const void *address, uint32_t length)');
const ifNameToIndex = libc.func('unsigned int if_nametoindex(const char *name)');
export const send = libc.func('int64_t send(int fd, const void *bytes, size_t length, int flags)');
export const sendmmsg = libc.func('int sendmmsg(int fd, void *messages, unsigned int count, int flags)');

/** Opens a socket that sends frames through a device, past its queue. */
export function openSender(device) {
  const fd = socket(17, 3, 0);
  setsockopt(fd, 263, 20, new Uint8Array(new Int32Array([1]).buffer), 4);
  const address = new Uint8Array(20);
  const fields = new DataView(address.buffer);
  fields.setUint16(0, 17, true);
  fields.setInt32(4, ifNameToIndex(device), true);
  if (bind(fd, address, 20) < 0) throw new Error(`bind to ${device}: errno ${koffi.errno()}`);
  return fd;
}
