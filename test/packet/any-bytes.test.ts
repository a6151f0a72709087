import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FRAGMENT_HELD, Fragments } from '../../src/packet/fragments.ts';
import { INSIDE_FIRST } from '../../src/packet/inside.ts';
import { decodeFrame } from '../../src/packet/link.ts';
import { DECODED, REASON_IP_FRAGMENT, REASON_NAMES } from '../../src/packet/reasons.ts';
import { LEVELS_MAX, PacketView, tunnelAt, vlanAt } from '../../src/packet/view.ts';
import { batchesOf } from '../batches.ts';
import { createRandom } from '../fuzz/random.ts';
import { frameFragments } from './fragmenting.ts';
import { exportedPdu } from './headers.ts';
import { wrappings } from './wrap.ts';
import { captureToWrap } from './wrapped.ts';
import { innerOf } from './wrapping.ts';

/** A DataView that knows which octets of it are the packet, and notices when others are read. */
class GuardedView extends DataView<ArrayBuffer> {
  start = 0;
  end = 0;
  outside = 0;
  reads = 0;

  #check(at: number, size: number): void {
    this.reads++;
    if (at < this.start || at + size > this.end) this.outside++;
  }
  override getUint8(at: number): number {
    this.#check(at, 1);
    return super.getUint8(at);
  }
  override getUint16(at: number, littleEndian?: boolean): number {
    this.#check(at, 2);
    return super.getUint16(at, littleEndian);
  }
  override getUint32(at: number, littleEndian?: boolean): number {
    this.#check(at, 4);
    return super.getUint32(at, littleEndian);
  }
  override getInt32(at: number, littleEndian?: boolean): number {
    this.#check(at, 4);
    return super.getInt32(at, littleEndian);
  }
}

const LINK_TYPES = [
  0, 1, 9, 12, 14, 50, 51, 101, 104, 105, 108, 113, 127, 219, 228, 229, 239, 252, 276, 113, 999,
];
/** Octets before and after the packet: reading them is an error even though they are there. */
const MARGIN = 64;

const PORTS = { src: 5060, dst: 40_000 };
const ADDRESS = [192, 0, 2, 1];

/** A packet of every wrapping, whole and in fragments, of both IP versions. */
const seeds: { linkType: number; bytes: Uint8Array }[] = ([4, 6] as const).flatMap((version) => {
  const batch = batchesOf(captureToWrap(version))[0]!;
  const picked = [0, 4, 40].map((i) =>
    innerOf(batch.bytes.slice(batch.offset[i]!, batch.offset[i]! + batch.capturedLength[i]!)),
  );
  return picked.flatMap((inner) => [
    ...wrappings(version).map(({ linkType, wrap }) => ({ linkType, bytes: wrap(inner) })),
    ...frameFragments(inner.frame, 64, 5).map((bytes) => ({ linkType: 1, bytes })),
    {
      linkType: 252,
      bytes: exportedPdu(
        'sip',
        { src: inner.ip.subarray(0, 4), dst: inner.ip.subarray(0, 16) },
        PORTS,
        inner.ip,
      ),
    },
    { linkType: 252, bytes: exportedPdu('rtp', { src: ADDRESS, dst: ADDRESS }, PORTS, inner.ip) },
  ]);
});

const fragments = new Fragments(() => false);

/** Decodes one packet; what is wrong with how that went, or null. */
function flaw(linkType: number, packet: Uint8Array): string | null {
  const guarded = new GuardedView(new ArrayBuffer(packet.length + 2 * MARGIN));
  const bytes = new Uint8Array(guarded.buffer).fill(0x45);
  bytes.set(packet, MARGIN);
  guarded.start = MARGIN;
  guarded.end = MARGIN + packet.length;
  const view = new PacketView();
  const answer = decodeFrame(view, guarded, linkType, guarded.start, guarded.end);
  if (guarded.outside > 0) return `${guarded.outside} reads outside the packet`;
  // The deepest nesting there can be looks at each octet a few times only.
  if (guarded.reads > 600 + 4 * packet.length) return `${guarded.reads} reads of ${packet.length} octets`;
  if (!(answer >= 0 && answer < INSIDE_FIRST && REASON_NAMES[answer] !== undefined))
    return `answer ${answer}`;
  if (view.path !== 0) {
    if (view.levels > LEVELS_MAX) return `${view.levels} levels`;
    for (let i = 0; i < 4; i++) if (vlanAt(view, i) < -1 || vlanAt(view, i) > 4095) return 'VLAN';
    const kinds = Array.from({ length: LEVELS_MAX }, (_, i) => tunnelAt(view, i)).filter((kind) => kind > 0);
    if (kinds.length !== view.levels) return `${kinds.length} kinds in ${view.levels} levels`;
  }
  if (answer === REASON_IP_FRAGMENT) {
    if (view.innerStart < guarded.start || view.innerEnd > guarded.end) return 'fragment outside the packet';
    const taken = fragments.take(view, bytes);
    return taken === FRAGMENT_HELD || REASON_NAMES[taken] !== undefined ? null : `fragment answer ${taken}`;
  }
  if (answer !== DECODED) return null;
  const { payloadOffset, payloadLength, payloadWireLength } = view;
  if (payloadOffset < guarded.start || payloadOffset + payloadLength > guarded.end) return 'payload outside';
  return payloadLength >= 0 && payloadWireLength >= payloadLength ? null : `payload of ${payloadWireLength}`;
}

/** Keeps the first few flaws, with the packets that show them. */
class Flaws {
  readonly found: string[] = [];
  try(linkType: number, packet: Uint8Array): void {
    const found = flaw(linkType, packet);
    if (found === null || this.found.length >= 3) return;
    this.found.push(`${found}: link type ${linkType}, ${Buffer.from(packet).toString('hex')}`);
  }
}

describe('any bytes, on any link type, end with an answer and are read within their bounds', () => {
  test('every wrapping, cut anywhere', () => {
    const flaws = new Flaws();
    for (const { linkType, bytes } of seeds) {
      for (let length = 0; length <= bytes.length; length++) {
        flaws.try(linkType, bytes.subarray(0, length));
        // Headers all lie in the first octets; beyond them only the payload gets shorter.
        if (length > 240) length += 37;
      }
    }
    expect(flaws.found).toEqual([]);
  });

  test('every wrapping, each header octet replaced', () => {
    const random = createRandom(5);
    const flaws = new Flaws();
    for (const { linkType, bytes } of seeds) {
      for (let at = 0; at < Math.min(bytes.length, 200); at++) {
        const damaged = Uint8Array.from(bytes);
        for (const value of [0, 0xff, damaged[at]! ^ (1 << (random() % 8)), random() & 0xff]) {
          damaged[at] = value;
          flaws.try(linkType, damaged);
        }
      }
    }
    expect(flaws.found).toEqual([]);
  });

  test('mutations: flips, cuts, repeated and inserted parts, other link types', () => {
    const random = createRandom(17);
    const pick = (n: number): number => random() % n;
    const flaws = new Flaws();
    for (let run = 0; run < 60_000; run++) {
      const seed = seeds[pick(seeds.length)]!;
      let bytes = Uint8Array.from(seed.bytes.subarray(0, 400));
      for (let k = pick(4); k > 0; k--) {
        const at = pick(bytes.length);
        const kind = pick(5);
        if (kind === 0) bytes[at] = pick(256);
        else if (kind === 1) bytes[at] = bytes[at]! ^ (1 << pick(8));
        else if (kind === 2) bytes = bytes.slice(0, Math.max(1, at));
        else if (kind === 3)
          bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(pick(at + 1))]);
        else
          bytes = Uint8Array.from([
            ...bytes.subarray(0, at),
            ...seeds[pick(seeds.length)]!.bytes.subarray(0, 200),
          ]);
      }
      const linkType = pick(8) === 0 ? LINK_TYPES[pick(LINK_TYPES.length)]! : seed.linkType;
      flaws.try(linkType, bytes.subarray(0, 3000));
    }
    expect(flaws.found).toEqual([]);
  });

  test('random octets', () => {
    fc.assert(
      fc.property(fc.constantFrom(...LINK_TYPES), fc.uint8Array({ maxLength: 300 }), (linkType, bytes) => {
        expect(flaw(linkType, bytes)).toBeNull();
      }),
      { numRuns: 5000 },
    );
  });

  test('headers that repeat for ever', () => {
    const repeat = (unit: number[], times: number): Uint8Array =>
      Uint8Array.from({ length: unit.length * times }, (_, i) => unit[i % unit.length]!);
    const ethernet = (type: number[], body: Uint8Array): Uint8Array =>
      Uint8Array.from([...new Array<number>(12).fill(2), ...type, ...body]);
    const ah4 = repeat([51, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1000);
    const ip = (protocol: number, length: number): number[] => [
      ...[0x45, 0, length >> 8, length & 255, 0, 0, 0, 0, 9, protocol, 0, 0],
      ...[1, 2, 3, 4, 5, 6, 7, 8],
    ];
    const packets: [number, Uint8Array][] = [
      [1, ethernet([0x81, 0], repeat([0, 1, 0x81, 0], 5000))],
      [1, ethernet([0x89, 9], repeat([1, 1, 0, 1, 0, 9, 0x89, 9], 5000))],
      [1, ethernet([0x88, 0x47], repeat([0, 1, 0, 64], 5000))],
      [101, Uint8Array.from([...ip(51, 20 + ah4.length), ...ah4])],
      [101, repeat(ip(4, 60_000), 2000)],
      [101, repeat([...ip(47, 60_000), 0, 0, 8, 0], 2000)],
      [9, repeat([0x02, 0x81, 0, 0, 1, 64], 5000)],
    ];
    for (const [linkType, bytes] of packets) expect(flaw(linkType, bytes)).toBeNull();
  });
});
