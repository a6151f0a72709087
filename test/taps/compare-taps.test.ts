import { describe, expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import { randomFor } from '../../src/synth/random.ts';
import type { CallSpec } from '../../src/synth/scenario.ts';
import type { StreamPath } from '../../src/taps/taps-contract.ts';
import { renderTaps } from '../../src/taps/taps-text.ts';
import {
  captureOf,
  comparedTaps,
  type Packet,
  packetsOf,
  readdressed,
  renumbered,
  rewritten,
  routed,
  sourceOf,
  tagged,
  withDscp,
} from './two-points.ts';

const CALLER = '192.0.2.10';
const CALLEE = '198.51.100.77';
const CALL: CallSpec = {
  callId: 'one@example.com',
  caller: { ip: CALLER },
  callee: { ip: CALLEE },
  durationMs: 10_000,
};

/** One call of ten seconds: 498 packets each way. */
const inside = (changes: Partial<CallSpec> = {}): Packet[] =>
  packetsOf(buildScenario({ seed: 3, calls: [{ ...CALL, ...changes }] }).pcap);

const isFromCaller = (packet: Packet): boolean => sourceOf(packet) === CALLER;
/** Behind a router that lies on the callee's side: what the callee sends passes it before the inner tap. */
const behind = (packet: Packet, delayUs: number): Packet =>
  isFromCaller(packet) ? routed(packet, delayUs) : unrouted(packet, delayUs);

/** As it was one hop earlier. */
function unrouted(packet: Packet, earlierUs: number): Packet {
  const back = routed(packet, -earlierUs);
  back.frame[22] = packet.frame[22]! + 1;
  return back;
}

const fromCaller = (streams: readonly StreamPath[]): StreamPath =>
  streams.find(({ first }) => first.src.startsWith(CALLER))!;
const toCaller = (streams: readonly StreamPath[]): StreamPath =>
  streams.find(({ first }) => first.src.startsWith(CALLEE))!;

describe('a router between two taps', () => {
  const lost = new Set([0, 7, 8, 100, 497]);
  const all = inside();
  const delays = randomFor(5, 'delays');
  const outside = all
    .filter((packet) => !(isFromCaller(packet) && packet.isRtp && lost.has(packet.index)))
    .map((packet) => {
      const later = behind(packet, packet.isRtp && isFromCaller(packet) ? 2000 + delays.int(18_000) : 400);
      const marked = packet.isRtp && isFromCaller(packet) ? withDscp(later, 0) : later;
      return { ...marked, timeUs: marked.timeUs + 1_234_567_000 };
    });
  const comparison = comparedTaps([captureOf(all), captureOf(outside)]);
  const right = fromCaller(comparison.streams);
  const left = toCaller(comparison.streams);

  test('losses are exact, at both ends of the stream, too', () => {
    expect(comparison.streams).toHaveLength(2);
    expect(right).toMatchObject({ identity: 'headers', orderBy: 'ttl', callId: 'one@example.com' });
    expect([right.first.tap, right.second.tap, left.first.tap, left.second.tap]).toEqual([1, 2, 2, 1]);
    expect(right.between).toMatchObject({ lost: lost.size, compared: 498, onlyAtSecond: 0, hops: 1 });
    expect(right.senderToFirst.loss).toEqual({ lost: 0, of: 498 });
    expect(left.between).toMatchObject({ lost: 0, compared: 498, reordered: 0, duplicated: 0, dscp: [] });
    expect([right.lossBy, left.lossBy]).toEqual(['between', 'none']);
  });

  test('what was marked anew is named', () => {
    expect(right.between.dscp).toEqual([{ from: 46, to: 0, packets: 493 }]);
    expect(comparison.ways[0]!.changes.concat(comparison.ways[1]!.changes)).toEqual([
      'DSCP 46 -> 0 (493 packets)',
    ]);
  });

  test('delay variation is that of the router, whatever the clocks are apart', () => {
    const { p50, p95, max } = right.between.addedDelayMs!;
    expect(p50).toBeGreaterThan(8);
    expect(p50).toBeLessThan(10);
    expect(p95).toBeGreaterThan(16.6);
    expect(max).toBeLessThan(18);
    expect(left.between.addedDelayMs).toEqual({ p50: 0, p95: 0, p99: 0, max: 0 });
    const { offsetMs, uncertaintyMs, driftPpm } = comparison.clocks;
    expect(Math.abs(offsetMs! - 1_234_567)).toBeLessThanOrEqual(uncertaintyMs! + 0.001);
    expect(uncertaintyMs).toBeLessThan(0.5);
    expect(driftPpm).toBe(0);
  });

  test('is told in words', () => {
    const text = [...renderTaps(comparison, {})].join('');
    expect(text).toContain('TAP 1 TO TAP 2');
    expect(text).toMatch(/loss: none before, 5 of 498 \(1\.0 %\) between, .* most of it between the points/);
    expect(text).toContain('changed between: DSCP 46 -> 0 (493 packets)');
  });

  test('the order of the files changes the names of the taps only', () => {
    const turned = comparedTaps([captureOf(outside), captureOf(all)]);
    const path = fromCaller(turned.streams);
    expect(path.between).toEqual(right.between);
    expect([path.first.tap, path.second.tap]).toEqual([2, 1]);
    expect(turned.clocks.offsetMs).toBeCloseTo(-comparison.clocks.offsetMs!, 3);
  });

  test('both sides in one capture', () => {
    const both = outside.map((packet) => ({ ...packet, timeUs: packet.timeUs - 1_234_567_000 }));
    const one = comparedTaps([captureOf([...all, ...both])]);
    expect(one.streams).toHaveLength(2);
    expect(fromCaller(one.streams)).toMatchObject({ orderBy: 'time', between: right.between });
    expect(toCaller(one.streams).between).toMatchObject({ lost: 0, compared: 498 });
  });
});

describe('what a switch does, and what lies beyond the taps', () => {
  test('the priority of VLAN tags, set anew or taken out', () => {
    const all = inside();
    const other = (packet: Packet): Packet => {
      const later = behind(packet, 300);
      return packet.isRtp && isFromCaller(packet) && packet.index >= 100 ? tagged(later, 0) : later;
    };
    const { streams } = comparedTaps([
      captureOf(all.map((packet) => tagged(packet, 5))),
      captureOf(all.map(other)),
    ]);
    expect(fromCaller(streams).between.priority).toEqual([
      { from: 5, to: 0, packets: 398 },
      { from: 5, to: -1, packets: 100 },
    ]);
    expect(toCaller(streams).between.priority).toEqual([{ from: -1, to: 5, packets: 498 }]);
  });

  test('what is lost before the first point, and behind the second', () => {
    const media = {
      rtcp: { intervalMs: 500 },
      callerToCallee: { lossAfterTap: { kind: 'periodic', every: 10 } },
      calleeToCaller: { loss: { kind: 'periodic', every: 20 } },
    } as const;
    const all = inside(media);
    const { streams } = comparedTaps([captureOf(all), captureOf(all.map((packet) => behind(packet, 300)))]);
    const [right, left] = [fromCaller(streams), toCaller(streams)];
    expect([right.lossBy, left.lossBy]).toEqual(['second_to_receiver', 'sender_to_first']);
    const behindSecond = right.secondToReceiver.loss!;
    expect(behindSecond.lost / behindSecond.of).toBeCloseTo(0.1, 2);
    expect(left.senderToFirst.loss).toEqual({ lost: 24, of: 498 });
    expect([right.between.lost, left.between.lost]).toEqual([0, 0]);
  });

  test('a capture in doubt is said: what it dropped looks like loss', () => {
    const captures = [captureOf(inside()), captureOf(inside())];
    expect(comparedTaps(captures).notes.join()).not.toContain('may be lost in it');
    expect(comparedTaps(captures, { trust: 'untrusted' }).notes).toContain(
      'the capture of tap 2 is untrusted: what seems lost between the taps may be lost in it',
    );
  });
});

describe('a session border controller between two taps', () => {
  const BOX_IN = [192, 0, 2, 1];
  const BOX_OUT = [203, 0, 113, 9];
  const octets = (address: string): number[] => address.split('.').map(Number);

  /** Sent anew by the box: SSRC, numbers and timestamps are its own, speech is as it was. */
  function sentOn(packet: Packet): Packet {
    const [src, dst] = isFromCaller(packet) ? [BOX_OUT, octets(CALLEE)] : [octets(CALLEE), BOX_OUT];
    const out = readdressed(
      { ...packet, timeUs: packet.timeUs + (isFromCaller(packet) ? 900 : -900) },
      src,
      dst,
    );
    return packet.isRtp ? renumbered(out, isFromCaller(packet) ? 0xaaaa : 0xbbbb, 1000, 50_000) : out;
  }
  /** As the caller's side sees it: between the caller and the box. */
  function inner(packet: Packet): Packet {
    const [src, dst] = isFromCaller(packet) ? [octets(CALLER), BOX_IN] : [BOX_IN, octets(CALLER)];
    return readdressed(packet, src, dst, 0);
  }

  test('streams are known by what is in them', () => {
    const all = inside();
    const dropped = (packet: Packet): boolean =>
      packet.isRtp && isFromCaller(packet) && packet.index % 50 === 20;
    const outer = all.filter((packet) => !dropped(packet)).map(sentOn);
    const comparison = comparedTaps([captureOf(all.map(inner)), captureOf(outer)]);
    const right = fromCaller(comparison.streams);
    expect(right).toMatchObject({
      identity: 'content',
      first: { tap: 1 },
      second: { tap: 2, ssrc: '0x0000aaaa' },
    });
    expect(right.between).toMatchObject({
      lost: 10,
      compared: 498,
      ssrcChanged: true,
      renumbered: true,
      hops: null,
    });
    expect(toCaller(comparison.streams).between).toMatchObject({ lost: 0, compared: 498 });
    expect(comparison.ways.map(({ box }) => box)).toEqual([
      '192.0.2.1 and 203.0.113.9',
      '192.0.2.1 and 203.0.113.9',
    ]);
  });

  test('both sides of it in one capture', () => {
    const all = inside();
    const outer = all.filter((packet) => !(packet.isRtp && packet.index % 100 === 30)).map(sentOn);
    const { streams, ways, otherPackets } = comparedTaps([captureOf([...all.map(inner), ...outer])]);
    expect(streams).toHaveLength(2);
    // What the callee sends is lost before the box here: it passes the outer point first.
    expect(fromCaller(streams)).toMatchObject({ identity: 'content', orderBy: 'time', lossBy: 'between' });
    expect(fromCaller(streams).between).toMatchObject({ lost: 5, compared: 498, onlyAtSecond: 0 });
    expect(toCaller(streams).between).toMatchObject({ lost: 0, compared: 493, onlyAtSecond: 5 });
    expect(ways.map(({ direction }) => direction).sort()).toEqual(['calleeToCaller', 'callerToCallee']);
    expect(otherPackets).toEqual([]);
  });

  test('what it rewrites is listed with both values', () => {
    const all = inside();
    const outer = all.map((packet) => {
      const later = behind(packet, 300);
      return packet.isRtp ? later : rewritten(later, `IN IP4 ${CALLER}`, 'IN IP4 203.0.1.10');
    });
    const { signalling } = comparedTaps([captureOf(all), captureOf(outer)]);
    expect(signalling.viaAdded).toBe(0);
    expect(signalling.rewrites.map(({ part, name, kind, usual }) => [part, name, kind, usual])).toEqual([
      ['sdp', 'o=', 'changed', false],
      ['sdp', 'c=', 'changed', false],
    ]);
    expect(signalling.rewrites[1]!.examples).toEqual([
      {
        callId: 'one@example.com',
        message: 'INVITE',
        firstTap: 1,
        secondTap: 2,
        first: `c=IN IP4 ${CALLER}`,
        second: 'c=IN IP4 203.0.1.10',
      },
    ]);
  });

  test('packets it makes anew of others cannot be matched, and are said to be of one call', () => {
    const recoded = { offer: ['PCMA'], codec: 'PCMA', ptimeMs: 30 };
    const comparison = comparedTaps([captureOf(inside()), captureOf(inside(recoded))]);
    expect(comparison.streams).toEqual([]);
    expect(comparison.otherPackets).toHaveLength(2);
    for (const other of comparison.otherPackets)
      expect(other).toMatchObject({
        codecChanged: true,
        ptimeChanged: true,
        first: { tap: 1, codec: 'PCMU', ptimeMs: 20 },
        second: { tap: 2, codec: 'PCMA', ptimeMs: 30 },
      });
    expect(comparison.unmatched).toEqual([]);
    expect([...renderTaps(comparison, {})].join('')).toContain('cannot be matched one to one');
  });

  test('a box that recodes packet by packet keeps them comparable, and is found out', () => {
    const { streams } = comparedTaps([
      captureOf(inside()),
      captureOf(inside({ offer: ['PCMA'], codec: 'PCMA' })),
    ]);
    expect(fromCaller(streams).between).toMatchObject({
      lost: 0,
      payloadTypes: [{ from: 0, to: 8, packets: 498 }],
      payloadChanged: 498,
    });
  });

  test('a box with Call-IDs of its own: legs are known by parties and time', () => {
    const recoded = { callId: 'leg-b@sbc', offer: ['PCMA'], codec: 'PCMA', ptimeMs: 30, startMs: 80 };
    const { otherPackets, unmatched } = comparedTaps([captureOf(inside()), captureOf(inside(recoded))]);
    expect(otherPackets.map(({ direction, codecChanged }) => [direction, codecChanged]).sort()).toEqual([
      ['calleeToCaller', true],
      ['callerToCallee', true],
    ]);
    expect(unmatched).toEqual([]);
  });
});

describe('which point comes first, where boxes send packets of their own', () => {
  /** Sent on by a box: a packet of its own, later the farther it is from its sender. */
  const boxed = (packet: Packet, delayUs: number): Packet => {
    const [src, dst] = isFromCaller(packet) ? [CALLER, CALLEE] : [CALLEE, CALLER];
    const own = readdressed(packet, src.split('.').map(Number), dst.split('.').map(Number));
    return { ...own, timeUs: packet.timeUs + (isFromCaller(packet) ? delayUs : -delayUs) };
  };
  const orders = (delayUs: number, lose: (packet: Packet) => boolean) => {
    const all = inside();
    const outside = all.filter((packet) => !lose(packet)).map((packet) => boxed(packet, delayUs));
    const { streams } = comparedTaps([captureOf(all), captureOf(outside)]);
    return [fromCaller(streams), toCaller(streams)].map((path) => [path?.first.tap, path?.orderBy]);
  };
  const everyFiftieth = (packet: Packet): boolean =>
    packet.isRtp && isFromCaller(packet) && packet.index % 50 === 9;

  test('by the time there and back, by loss, or not at all', () => {
    expect(orders(400, () => false)).toEqual([
      [1, 'clock'],
      [2, 'clock'],
    ]);
    expect(orders(0, everyFiftieth)).toEqual([
      [1, 'loss'],
      [1, 'assumed'],
    ]);
    // Where times are clear, they count for more.
    const late = orders(400, everyFiftieth);
    expect(late[0]).toEqual([1, 'clock']);
  });
});

describe('what makes comparing hard', () => {
  test('equal SSRC, numbers and sound in every call: time and addresses tell them apart', () => {
    const stream = { ssrc: 0x5eed, startSeq: 1000, startTimestamp: 0 };
    const call = (at: number): CallSpec => ({
      ...CALL,
      callId: `${at}@example.com`,
      caller: { ip: `192.0.2.${10 + at}` },
      startMs: at * 100,
      callerToCallee: stream,
      calleeToCaller: null,
    });
    const all = packetsOf(buildScenario({ seed: 4, calls: [call(0), call(1), call(2)] }).pcap);
    const { streams } = comparedTaps([captureOf(all), captureOf(all.map((packet) => routed(packet, 500)))]);
    expect(streams).toHaveLength(3);
    for (const { first, second, between } of streams) {
      expect(second.src).toBe(first.src);
      expect(between).toMatchObject({ lost: 0, addedDelayMs: { max: 0 } });
    }
  });

  test('a capture that ended early is no loss', () => {
    const all = inside();
    const endUs = all[0]!.timeUs + 6e6;
    const outside = all.filter(({ timeUs }) => timeUs < endUs).map((packet) => behind(packet, 400));
    const right = fromCaller(comparedTaps([captureOf(all), captureOf(outside)]).streams);
    expect(right.between.lost).toBe(0);
    expect(right.between.compared).toBeLessThan(300);
  });

  test('clocks that drift apart do not read as delay variation', () => {
    const all = inside({ durationMs: 100_000 });
    const startUs = all[0]!.timeUs;
    const outside = all.map((packet) => {
      const later = behind(packet, 400);
      return { ...later, timeUs: later.timeUs + (later.timeUs - startUs) * 50e-6 };
    });
    const { streams, clocks } = comparedTaps([captureOf(all), captureOf(outside)]);
    expect(Math.abs(clocks.driftPpm - 50)).toBeLessThan(0.5);
    for (const { between } of streams) expect(between.addedDelayMs!.max).toBeLessThan(0.1);
  });

  test('when there is no more room, both taps end there', () => {
    const all = inside();
    const captures = [captureOf(all), captureOf(all.map((packet) => behind(packet, 400)))];
    const { leftOut, streams } = comparedTaps(captures, { packetsMax: 400 });
    expect(leftOut.taps_packets_full).toBeGreaterThan(1000);
    for (const { between } of streams) {
      expect(between.lost).toBe(0);
      expect(between.paired).toBeGreaterThan(150);
    }
  });

  test('two captures that have nothing in common', () => {
    const other = packetsOf(buildScenario({ seed: 9, calls: [{ ...CALL, callId: 'two@example.com' }] }).pcap);
    const { streams, otherPackets, unmatched, notes } = comparedTaps([
      captureOf(inside()),
      captureOf(other.map((packet) => ({ ...packet, timeUs: packet.timeUs + 7200e6 }))),
    ]);
    expect([streams, otherPackets]).toEqual([[], []]);
    expect(unmatched).toHaveLength(4);
    expect(notes[0]).toMatch(/no stream was found at both taps/);
  });
});
