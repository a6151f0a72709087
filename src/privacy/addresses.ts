import { type Keyed, Remembered, shuffle } from './keyed.ts';

/*
 * Pseudonyms of IP addresses: addresses of one network stay addresses of one network, octet by octet; private, loopback,
 * link-local and multicast addresses stay what they are; and each octet keeps its number of digits, so that the text of
 * an address keeps its length wherever it stands.
 */

type Classes = readonly (readonly [from: number, to: number])[];

const BY_DIGITS: Classes = [
  [0, 9],
  [10, 99],
  [100, 255],
];
/** First octets that have a meaning of their own. */
const FIRST: Classes = [
  [1, 9],
  [11, 99],
  [101, 126],
  [128, 168],
  [170, 171],
  [173, 191],
  [193, 197],
  [199, 202],
  [204, 223],
];
const NONE: Classes = [];
/** Second octets behind those; what is in no class stays. */
const SECOND: Readonly<Record<number, Classes>> = {
  0: NONE,
  100: [
    [0, 9],
    [10, 63],
    [64, 99],
    [100, 127],
    [128, 255],
  ],
  127: NONE,
  169: [
    [0, 9],
    [10, 99],
    [100, 253],
  ],
  172: [
    [0, 9],
    [10, 15],
    [16, 31],
    [32, 99],
    [100, 255],
  ],
  192: [
    [1, 9],
    [10, 99],
    [100, 167],
    [169, 255],
  ],
  198: [
    [0, 9],
    [10, 17],
    [20, 50],
    [52, 99],
    [100, 255],
  ],
  203: [
    [1, 9],
    [10, 99],
    [100, 255],
  ],
};
/** Low and high octets of a group of IPv6; a group keeps its number of hexadecimal digits. */
const LOW_ALONE: Classes = [
  [1, 15],
  [16, 255],
];
const HIGH: Classes = [
  [1, 15],
  [16, 255],
];
const HIGH_GLOBAL: Classes = [
  [1, 15],
  [16, 31],
  [32, 63],
  [64, 255],
];
const ANY: Classes = [[0, 255]];

/** Pseudonyms of addresses, as octets. */
export class AddressPseudonyms {
  private readonly keyed: Keyed;
  private readonly tables: Remembered<Uint8Array>;
  private classes: Classes = NONE;
  private isLast = false;

  constructor(keyed: Keyed) {
    this.keyed = keyed;
    this.tables = new Remembered((label) => this.table(label));
  }

  /** Changes an IPv4 address in place. */
  ipv4(octets: Uint8Array, at = 0): void {
    const first = octets[at]!;
    if (first === 0 || first === 127 || first >= 224) return;
    let prefix = 'ipv4';
    for (let i = 0; i < 4; i++) {
      const octet = octets[at + i]!;
      const classes = i === 0 ? FIRST : i === 1 ? (SECOND[first] ?? BY_DIGITS) : BY_DIGITS;
      octets[at + i] = this.mapped(prefix, octet, classes, i === 3);
      prefix += `.${octet}`;
    }
  }

  /** Changes an IPv6 address in place. */
  ipv6(octets: Uint8Array, at = 0): void {
    const upper = octets.subarray(at, at + 12);
    if (octets[at] === 0xff) return;
    const isMapped = upper.every((octet, i) => octet === (i < 10 ? 0 : 0xff));
    const isTranslated =
      upper[0] === 0 &&
      upper[1] === 0x64 &&
      upper[2] === 0xff &&
      upper[3] === 0x9b &&
      upper.slice(4).every(isZero);
    if (isMapped || isTranslated) {
      this.ipv4(octets, at + 12);
      return;
    }
    if (upper.every(isZero) && octets[at + 12] === 0 && octets[at + 13] === 0 && octets[at + 14] === 0)
      return;
    let prefix = 'ipv6';
    for (let group = 0; group < 8; group++) {
      const high = octets[at + 2 * group]!;
      const low = octets[at + 2 * group + 1]!;
      this.group(octets, at + 2 * group, prefix, group);
      prefix += `:${high * 256 + low}`;
    }
  }

  /** Changes an Ethernet address in place: its maker stays. */
  mac(octets: Uint8Array, at = 0): void {
    // Groups and broadcasts are nobody's.
    if ((octets[at]! & 1) !== 0) return;
    let prefix = `mac/${octets[at]}:${octets[at + 1]}:${octets[at + 2]}`;
    for (let i = 3; i < 6; i++) {
      const octet = octets[at + i]!;
      octets[at + i] = this.mapped(prefix, octet, ANY, i === 5);
      prefix += `:${octet}`;
    }
  }

  private group(octets: Uint8Array, at: number, prefix: string, group: number): void {
    const high = octets[at]!;
    const low = octets[at + 1]!;
    if (high === 0 && low === 0) return;
    // Link-local, and unique local of either kind.
    if (group === 0 && high === 0xfe) return;
    const isLocal = group === 0 && (high === 0xfc || high === 0xfd);
    const isLast = group === 7;
    if (high === 0) {
      octets[at + 1] = this.mapped(`${prefix}/0`, low, LOW_ALONE, isLast);
      return;
    }
    if (!isLocal) octets[at] = this.mapped(prefix, high, group === 0 ? HIGH_GLOBAL : HIGH, false);
    octets[at + 1] = this.mapped(`${prefix}/${high}`, low, ANY, isLast);
  }

  private mapped(prefix: string, octet: number, classes: Classes, isLast: boolean): number {
    this.classes = classes;
    this.isLast = isLast;
    return this.tables.get(prefix)[octet]!;
  }

  private table(label: string): Uint8Array {
    const table = Uint8Array.from({ length: 256 }, (_, octet) => octet);
    for (const [from, to] of this.classes) {
      const values = Array.from({ length: to - from + 1 }, (_, i) => from + i);
      // Where the last octet cannot stay as it was, no address can.
      shuffle(this.keyed, `${label}|${from}`, values, this.isLast);
      for (const [i, value] of values.entries()) table[from + i] = value;
    }
    return table;
  }
}

function isZero(octet: number): boolean {
  return octet === 0;
}
