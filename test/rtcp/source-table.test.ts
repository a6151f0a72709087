import { describe, expect, test } from 'vitest';
import { reportPacket } from './reports.ts';
import { A, B, type Ports, RtcpFeed } from './rtcp-feed.ts';

const SENDER = 0xb00b_1e50;
const LSR = 0xb705_2000;
/** 15.625 ms in 1/65536 s. */
const HELD = 0x400;

/** One sender report and the answer to it, between RTCP ports; the answer says how much was lost. */
function exchange(
  feed: RtcpFeed,
  ports: Ports,
  cumulativeLost: number,
  answer: Ports = [ports[1], ports[0]],
): void {
  feed.send(0, A, B, reportPacket({ ssrc: SENDER, ntp: LSR }), undefined, ports);
  const block = { ssrc: 2, about: SENDER, lsr: LSR, dlsr: HELD, cumulativeLost };
  feed.send(55.625, B, A, reportPacket(block), undefined, answer);
}

const lost = (feed: RtcpFeed, ports: Ports): number | undefined =>
  feed.about(SENDER, A, B, ports)?.last?.cumulativeLost;

describe('one SSRC between two hosts', () => {
  test('two calls are told apart by their ports', () => {
    const feed = new RtcpFeed();
    exchange(feed, [4001, 5001], 3);
    exchange(feed, [4003, 5003], 70);
    expect(lost(feed, [4000, 5000])).toBe(3);
    expect(lost(feed, [4002, 5002])).toBe(70);
    expect(feed.about(SENDER, A, B, [4000, 5000])?.senderReports).toBe(1);
    // A third call of which no report passed has none of theirs.
    expect(feed.about(SENDER, A, B, [4004, 5004])).toBeNull();
  });

  test('RTCP on the port of its RTP is the same pair', () => {
    const feed = new RtcpFeed();
    exchange(feed, [4000, 5000], 5);
    expect(lost(feed, [4000, 5000])).toBe(5);
  });

  test('a source alone between its hosts is found whatever ports its RTCP has', () => {
    const feed = new RtcpFeed();
    exchange(feed, [39_017, 26_111], 9);
    expect(lost(feed, [4000, 5000])).toBe(9);
  });

  test('what one stream has by its ports is not lent to another', () => {
    const feed = new RtcpFeed();
    exchange(feed, [4001, 5001], 3);
    expect(lost(feed, [4000, 5000])).toBe(3);
    expect(feed.about(SENDER, A, B, [4100, 5100])).toBeNull();
  });

  test('an answer that a NAT gave another port belongs to the same exchange', () => {
    const feed = new RtcpFeed();
    exchange(feed, [4001, 5001], 4, [61_234, 4001]);
    expect(feed.about(SENDER, A, B, [4000, 5000])).toMatchObject({ senderReports: 1, roundTripsMs: [40] });
    expect(lost(feed, [4000, 5000])).toBe(4);
  });

  test('more paths than one SSRC may have are counted', () => {
    const feed = new RtcpFeed();
    for (let i = 0; i < 100; i++) exchange(feed, [4001 + 2 * i, 5001 + 2 * i], i);
    expect(lost(feed, [4000, 5000])).toBe(0);
    expect(lost(feed, [4126, 5126])).toBe(63);
    expect(feed.plane.counters.refused).toBe(72);
  });
});
