/** How packets of an interface begin, and how to ask the kernel for them. */
export interface LinkLayer {
  /** DLT / LINKTYPE number of what is delivered. */
  linkType: number;
  /**
   * The interface's own header is no use: the kernel takes it off, and a "Linux cooked" one is written in its place
   * (https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html).
   */
  cooked: boolean;
}

export const LINKTYPE_ETHERNET = 1;
export const LINKTYPE_RAW = 101;
export const LINKTYPE_LINUX_SLL = 113;

const ARPHRD_ETHER = 1;
const ARPHRD_RAWIP = 519;
export const ARPHRD_LOOPBACK = 772;
const ARPHRD_SIT = 776;
const ARPHRD_IEEE80211 = 801;
const ARPHRD_IEEE80211_RADIOTAP = 803;
/** tun, WireGuard. */
const ARPHRD_NONE = 0xfffe;

const NAMES: ReadonlyMap<number, string> = new Map([
  [ARPHRD_ETHER, 'Ethernet'],
  [512, 'PPP'],
  [ARPHRD_RAWIP, 'raw IP'],
  [768, 'IP in IP tunnel'],
  [769, 'IPv6 tunnel'],
  [ARPHRD_LOOPBACK, 'loopback'],
  [ARPHRD_SIT, 'IPv6-in-IPv4 tunnel'],
  [778, 'GRE tunnel'],
  [ARPHRD_IEEE80211, 'IEEE 802.11'],
  [ARPHRD_IEEE80211_RADIOTAP, 'IEEE 802.11 with radiotap'],
  [823, 'GRE tunnel over IPv6'],
  [ARPHRD_NONE, 'no link layer'],
]);

/** The link layer behind an ARPHRD number of `linux/if_arp.h`. */
export function linkLayerOf(hardwareType: number): LinkLayer {
  switch (hardwareType) {
    case ARPHRD_ETHER:
    case ARPHRD_LOOPBACK:
      return { linkType: LINKTYPE_ETHERNET, cooked: false };
    case ARPHRD_NONE:
    case ARPHRD_RAWIP:
    case ARPHRD_SIT:
      return { linkType: LINKTYPE_RAW, cooked: false };
    case ARPHRD_IEEE80211:
      return { linkType: 105, cooked: false };
    case ARPHRD_IEEE80211_RADIOTAP:
      return { linkType: 127, cooked: false };
    default:
      return { linkType: LINKTYPE_LINUX_SLL, cooked: true };
  }
}

/** What an ARPHRD number means, in words. */
export function hardwareTypeName(hardwareType: number): string {
  return NAMES.get(hardwareType) ?? `ARPHRD ${hardwareType}`;
}
