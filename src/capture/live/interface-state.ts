import { endianness } from 'node:os';
import type { Libc } from './libc.ts';

const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const IFREQ_BYTES = 40;
/** Where the answer begins, behind the name. */
const ANSWER = 16;
const SIOCGIFFLAGS = 0x8913;
const SIOCGIFMTU = 0x8921;
const SIOCGIFHWADDR = 0x8927;
export const IFF_UP = 1;
export const IFF_RUNNING = 0x40;
export const IFF_PROMISC = 0x100;

const LITTLE = endianness() === 'LE';

/** What the kernel says of an interface (netdevice(7)), in the network namespace of this process. */
export interface InterfaceState {
  /** `IFF_...` of linux/if.h. */
  flags: number;
  mtu: number;
  /** ARPHRD number of linux/if_arp.h. */
  hardwareType: number;
}

/** The state of an interface; `null` when there is none of that name. Takes no rights. */
export function interfaceState(libc: Libc, name: string): InterfaceState | null {
  const descriptor = libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return null;
  try {
    const flags = ask(SIOCGIFFLAGS);
    const mtu = ask(SIOCGIFMTU);
    const hardware = ask(SIOCGIFHWADDR);
    if (flags === null || mtu === null || hardware === null) return null;
    return {
      flags: flags.getUint16(ANSWER, LITTLE),
      mtu: mtu.getInt32(ANSWER, LITTLE),
      hardwareType: hardware.getUint16(ANSWER, LITTLE),
    };
  } finally {
    libc.close(descriptor);
  }

  function ask(request: number): DataView | null {
    const argument = interfaceRequest(name);
    return libc.ioctl(descriptor, request, argument) < 0 ? null : new DataView(argument.buffer);
  }
}

/** Up, with a carrier? `null` when it cannot be asked. */
export function interfaceIsUp(libc: Libc | null, name: string): boolean | null {
  if (libc === null) return null;
  const state = interfaceState(libc, name);
  return state !== null && (state.flags & (IFF_UP | IFF_RUNNING)) === (IFF_UP | IFF_RUNNING);
}

/** `struct ifreq` with the interface's name. */
export function interfaceRequest(name: string): Uint8Array<ArrayBuffer> {
  const request = new Uint8Array(new ArrayBuffer(IFREQ_BYTES));
  new TextEncoder().encodeInto(name.slice(0, 15), request);
  return request;
}
