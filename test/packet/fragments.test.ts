import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FRAGMENT_HELD, type FragmentOptions, Fragments } from '../../src/packet/fragments.ts';
import { decodeFrame } from '../../src/packet/link.ts';
import { DECODED, REASON_IP_FRAGMENT, REASON_NAMES } from '../../src/packet/reasons.ts';
import { PacketView } from '../../src/packet/view.ts';
import { fragments } from './fragmenting.ts';
import { gre, ipv4, ipv6, join, u16, udp, vxlan } from './headers.ts';

const RAW = 101;
const pattern = (length: number, seed = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 7 + seed + (i >> 8)) & 0xff);

/** Feeds packets one by one and says what became of each: the reason, or the payload when one was decoded. */
class Feed {
  readonly cut: { payload: Uint8Array; timeUs: number }[] = [];
  readonly view = new PacketView();
  readonly table: Fragments;
  takesCut = false;

  constructor(options: FragmentOptions = {}) {
    this.table = new Fragments((bytes, start, length, timeUs) => {
      this.cut.push({ payload: bytes.slice(start, start + length), timeUs });
      return this.takesCut;
    }, options);
  }

  /** `captured`: how many octets of the packet a snap length left. */
  send(packet: Uint8Array, timeUs = 0, captured = packet.length): string | Uint8Array {
    // In a larger buffer, as in a batch: offsets do not start at zero.
    const bytes = join(pattern(33), packet, pattern(9));
    const data = new DataView(bytes.buffer);
    this.view.timeUs = timeUs;
    let answer = decodeFrame(this.view, data, RAW, 33, 33 + captured);
    let held = bytes;
    if (answer === REASON_IP_FRAGMENT) {
      answer = this.table.take(this.view, bytes);
      if (answer === FRAGMENT_HELD) return 'held';
      if (answer === DECODED) held = this.table.bytes as Uint8Array<ArrayBuffer>;
    }
    if (answer !== DECODED) return REASON_NAMES[answer]!;
    const { payloadOffset, payloadLength } = this.view;
    return held.slice(payloadOffset, payloadOffset + payloadLength);
  }

  get discarded(): Record<string, number> {
    return Object.fromEntries(
      [...this.table.discarded].map((n, code) => [REASON_NAMES[code]!, n] as const).filter(([, n]) => n > 0),
    );
  }
}

const payload = pattern(3000);
const datagram = udp(5060, payload);
const over = { 4: ipv4(17, datagram), 6: ipv6(17, datagram) } as const;

describe.each([4, 6] as const)('reassembly over IPv%i', (version) => {
  test('in order, in reverse and with copies: the datagram is decoded with its last missing fragment', () => {
    const parts = fragments(over[version], 1000, 77);
    expect(parts).toHaveLength(4);
    for (const order of [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [1, 3, 0, 2],
    ]) {
      const feed = new Feed();
      const answers = order.map((i) => feed.send(parts[i]!));
      expect(answers.slice(0, 3)).toEqual(['held', 'held', 'held']);
      expect(answers[3]).toEqual(payload);
      expect([feed.view.srcPort, feed.view.dstPort, feed.view.payloadWireLength]).toEqual([
        54_321, 5060, 3000,
      ]);
      expect([feed.table.received, feed.table.datagrams]).toEqual([4, 1]);
    }
  });

  test('any size of fragments in any order, several datagrams among each other', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 9, max: 6000 }), fc.integer({ min: 1, max: 250 })), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.infiniteStream(fc.nat()),
        (list, random) => {
          const datagrams = list.map(([length, units], k) => {
            const content = pattern(length, k);
            const packet =
              version === 4 ? ipv4(17, udp(4000 + k, content)) : ipv6(17, udp(4000 + k, content));
            return { content, parts: fragments(packet, units * 8, 500 + k) };
          });
          const queue = datagrams.flatMap(({ parts }) => parts);
          const shuffled: Uint8Array[] = [];
          while (queue.length > 0) shuffled.push(...queue.splice(random.next().value % queue.length, 1));
          const feed = new Feed();
          const whole = shuffled
            .map((part) => feed.send(part))
            .filter((answer) => typeof answer !== 'string');
          const sorted = (lists: Uint8Array[]): string[] => lists.map((octets) => octets.join()).sort();
          expect(sorted(whole)).toEqual(sorted(datagrams.map(({ content }) => content)));
          expect(feed.discarded).toEqual({});
        },
      ),
      { numRuns: 60 },
    );
  });

  test('copies of waiting fragments, and of a datagram just put together, are counted and change nothing', () => {
    const [first, second] = fragments(over[version], 2000, 9) as [Uint8Array, Uint8Array];
    const feed = new Feed();
    expect(feed.send(first, 0)).toBe('held');
    expect(feed.send(first, 10)).toBe('fragment_duplicate');
    expect(feed.send(second, 20)).toEqual(payload);
    expect(feed.send(second, 30)).toBe('fragment_duplicate');
    // A tenth of a second later the identification can be another datagram's.
    expect(feed.send(second, 200_000)).toBe('held');
    expect(feed.send(first, 200_010)).toEqual(payload);
  });

  test('an overlap with other content gives up what waits and begins anew', () => {
    const parts = fragments(over[version], 1000, 9);
    const others = fragments(
      version === 4 ? ipv4(17, udp(5060, pattern(3000, 99))) : ipv6(17, udp(5060, pattern(3000, 99))),
      1000,
      9,
    );
    const feed = new Feed();
    expect([feed.send(parts[0]!), feed.send(parts[1]!)]).toEqual(['held', 'held']);
    expect(feed.send(others[1]!)).toBe('held');
    expect(feed.discarded).toEqual({ fragment_overlap: 2 });
    // Nothing of the first datagram gets into the second.
    expect([feed.send(others[0]!), feed.send(others[3]!)]).toEqual(['held', 'held']);
    expect(feed.send(others[2]!)).toEqual(pattern(3000, 99));
  });

  test('a shifted overlap and two different ends are refused, too', () => {
    const wide = fragments(over[version], 1000, 9);
    const narrow = fragments(over[version], 504, 9);
    const feed = new Feed();
    expect([feed.send(wide[0]!), feed.send(narrow[1]!)]).toEqual(['held', 'held']);
    expect(feed.discarded).toEqual({ fragment_overlap: 1 });
    const shorter = version === 4 ? ipv4(17, udp(5060, pattern(2500))) : ipv6(17, udp(5060, pattern(2500)));
    const ends = new Feed();
    expect(ends.send(wide[3]!)).toBe('held');
    expect(ends.send(fragments(shorter, 1000, 9)[2]!)).toBe('held');
    expect(ends.discarded).toEqual({ fragment_overlap: 1 });
  });

  test('a snap length keeps what is there without a gap, and the length on the wire', () => {
    const parts = fragments(over[version], 1000, 9);
    const feed = new Feed();
    feed.send(parts[0]!);
    feed.send(parts[1]!, 0, parts[1]!.length - 300);
    feed.send(parts[2]!);
    expect(feed.send(parts[3]!)).toEqual(payload.subarray(0, 2000 - 8 - 300));
    expect(feed.view.payloadWireLength).toBe(3000);
  });

  test('a fragment that would end beyond the longest datagram', () => {
    const [, second] = fragments(over[version], 1504, 9) as [Uint8Array, Uint8Array];
    const far = Uint8Array.from(second);
    if (version === 4) far.set(u16(0x1fff), 6);
    else far.set(u16(0xfff8), 42);
    expect(new Feed().send(far)).toBe('fragment_too_big');
  });

  test('a fragment in the middle whose length is no multiple of 8 octets, or that has no data', () => {
    const [first] = fragments(over[version], 1000, 9) as [Uint8Array];
    const odd = Uint8Array.from(first);
    const lengthAt = version === 4 ? 2 : 4;
    odd.set(u16(((odd[lengthAt]! << 8) | odd[lengthAt + 1]!) - 3), lengthAt);
    expect(new Feed().send(odd)).toBe('bad_ip_header');
    const empty = Uint8Array.from(first);
    empty.set(u16(version === 4 ? 20 : 8), lengthAt);
    expect(new Feed().send(empty)).toBe('bad_ip_header');
  });

  test('the same identification from other hosts, or in another tunnel, is another datagram', () => {
    const parts = fragments(over[version], 2000, 9);
    const moved = parts.map((part) => {
      const other = Uint8Array.from(part);
      other[version === 4 ? 15 : 23] = 77;
      return other;
    });
    const tunnelled = (vni: number, part: Uint8Array): Uint8Array =>
      ipv4(47, gre(version === 4 ? 0x0800 : 0x86dd, part, { key: vni }));
    const feed = new Feed();
    expect([feed.send(parts[0]!), feed.send(moved[1]!), feed.send(tunnelled(1, parts[1]!))]).toEqual(
      new Array(3).fill('held'),
    );
    expect(feed.send(tunnelled(2, parts[0]!))).toBe('held');
    expect(feed.send(tunnelled(2, parts[1]!))).toEqual(payload);
    expect(feed.send(parts[1]!)).toEqual(payload);
  });
});

describe('tunnels and fragments', () => {
  const frame = join([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0], over[4]);

  test('a fragmented tunnel packet whose inside is fragmented as well', () => {
    const feed = new Feed();
    const answers: (string | Uint8Array)[] = [];
    for (const [k, part] of fragments(over[4], 1600, 3).entries()) {
      const inner = join(frame.subarray(0, 14), part);
      for (const outer of fragments(ipv6(17, udp(4789, vxlan(5, inner))), 800, 40 + k))
        answers.push(feed.send(outer));
    }
    expect(answers.slice(0, -1)).toEqual(new Array(answers.length - 1).fill('held'));
    expect(answers.at(-1)).toEqual(payload);
    expect(feed.table.datagrams).toBe(3);
  });

  test('a tunnel in fragments that holds no UDP says so', () => {
    const feed = new Feed();
    const [first, second] = fragments(ipv4(2, pattern(1200)), 1000, 3) as [Uint8Array, Uint8Array];
    expect([feed.send(first), feed.send(second)]).toEqual(['held', 'other_ip_protocol']);
  });
});

describe('limits', () => {
  const lone = (id: number, size = 1000): Uint8Array => fragments(over[4], size, id)[0]!;

  test('datagrams that wait for more than 1 s of capture time are given up', () => {
    const feed = new Feed();
    feed.send(lone(1), 1e6);
    feed.send(lone(2), 1.8e6);
    feed.table.expire(2e6);
    expect(feed.discarded).toEqual({});
    feed.table.expire(2.1e6);
    expect(feed.discarded).toEqual({ fragment_timeout: 1 });
    // What comes after that is no part of it any more.
    expect(feed.send(fragments(over[4], 2000, 2)[1]!, 2.9e6)).toBe('held');
    expect(feed.discarded).toEqual({ fragment_timeout: 2 });
    feed.table.flush();
    expect(feed.discarded).toEqual({ fragment_timeout: 3 });
  });

  test('a clock that is set back an hour does not keep them for ever', () => {
    const feed = new Feed();
    feed.send(lone(1), 7200e6);
    feed.table.expire(3600e6);
    expect(feed.discarded).toEqual({ fragment_timeout: 1 });
  });

  test('the oldest datagram makes room when there are too many', () => {
    const feed = new Feed({ datagramsMax: 4 });
    for (let id = 0; id < 6; id++) feed.send(lone(id), id);
    expect(feed.discarded).toEqual({ fragment_table_full: 2 });
    const rest = (id: number): Uint8Array[] => fragments(over[4], 1000, id).slice(1);
    expect(
      rest(5)
        .map((part) => feed.send(part))
        .at(-1),
    ).toEqual(payload);
  });

  test('datagrams that are done make room before any that waits', () => {
    const feed = new Feed({ datagramsMax: 3 });
    feed.send(lone(1), 1);
    for (let id = 10; id < 20; id++) for (const part of fragments(over[4], 1000, id)) feed.send(part, id);
    expect(feed.table.datagrams).toBe(10);
    expect(feed.discarded).toEqual({});
  });

  test('memory is bounded by octets as well', () => {
    const big = ipv4(17, udp(9, pattern(60_000)));
    const feed = new Feed({ bytesMax: 1 << 20 });
    const all = Array.from({ length: 40 }, (_, id) => fragments(big, 59_000, id));
    for (const [id, [first]] of all.entries()) feed.send(first!, id);
    // 64 KiB each: sixteen fit.
    expect(feed.discarded).toEqual({ fragment_table_full: 24 });
    expect(feed.send(all[39]![1]!)).toEqual(pattern(60_000));
    // A flood of small ones after large ones finds room, too.
    for (let id = 100; id < 400; id++) feed.send(lone(id), 100);
    expect(feed.send(fragments(over[4], 1000, 399)[1]!)).toBe('held');
  });

  test('any flood of fragments ends normally', () => {
    const piece = fc.record({
      id: fc.integer({ min: 0, max: 3 }),
      offset: fc.integer({ min: 0, max: 8191 }),
      more: fc.boolean(),
      length: fc.integer({ min: 0, max: 3000 }),
      cut: fc.integer({ min: 0, max: 3020 }),
      timeUs: fc.integer({ min: 0, max: 60_000_000 }),
    });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const feed = new Feed({ datagramsMax: 2, bytesMax: 300_000 });
        let passedOn = 0;
        for (const { id, offset, more, length, cut, timeUs } of pieces) {
          const packet = ipv4(17, pattern(length), id, (more ? 0x2000 : 0) | offset);
          const answer = feed.send(packet, timeUs, Math.max(20, Math.min(cut, packet.length)));
          if (answer !== 'held') passedOn++;
          feed.table.expire(timeUs);
        }
        feed.table.flush();
        expect(feed.table.received).toBeLessThanOrEqual(pieces.length);
        const lost = Object.values(feed.discarded).reduce((sum, n) => sum + n, 0);
        expect(lost + passedOn).toBeLessThanOrEqual(pieces.length);
      }),
      { numRuns: 300 },
    );
  });
});

describe('what is left of a datagram that never became complete', () => {
  const parts = fragments(over[4], 1000, 9);

  test('its beginning is offered with the time it came, and counted when nobody takes it', () => {
    const feed = new Feed();
    feed.send(parts[0]!, 5e6);
    feed.send(parts[1]!, 6e6);
    feed.send(parts[3]!, 7e6);
    feed.table.flush();
    expect(feed.cut).toEqual([{ payload: payload.subarray(0, 1992), timeUs: 5e6 }]);
    expect(feed.discarded).toEqual({ fragment_timeout: 3 });
  });

  test('a fragment whose content was taken is not counted as given up', () => {
    const feed = new Feed();
    feed.takesCut = true;
    feed.send(parts[0]!, 5e6);
    feed.send(parts[2]!, 6e6);
    feed.table.flush();
    expect(feed.cut[0]!.payload).toEqual(payload.subarray(0, 992));
    expect(feed.discarded).toEqual({ fragment_timeout: 1 });
  });

  test('nothing is offered without its beginning, or of TCP', () => {
    const feed = new Feed();
    feed.send(parts[1]!);
    feed.send(fragments(ipv4(6, pattern(3000)), 1000, 10)[0]!);
    feed.table.flush();
    expect(feed.cut).toEqual([]);
    expect(feed.discarded).toEqual({ fragment_timeout: 2 });
  });
});
