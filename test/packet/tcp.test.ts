import { describe, expect, it } from 'vitest';
import { TCP_FIN, TCP_RST, TCP_SYN } from '../../src/packet/tcp.ts';
import { Feed, ipv4 } from './tcp-feed.ts';

describe('TcpReassembler, in order and out of order', () => {
  it('passes bytes in order straight through', () => {
    const feed = new Feed().syn(99).send(100, 'abc').send(103, 'def');
    expect(feed.out.all).toEqual(['abcdef']);
    expect(feed.tcp.counters).toMatchObject({
      segments: 3,
      outOfOrder: 0,
      retransmitted: 0,
      gaps: 0,
      joined: 0,
    });
    expect(feed.tcp.heldBytes).toBe(0);
  });

  it('holds what comes early, and copies it', () => {
    const feed = new Feed().syn(99).send(106, 'ghi').send(103, 'def');
    expect(feed.out.all).toEqual([]);
    expect(feed.tcp.heldBytes).toBe(6);
    feed.send(100, 'abc');
    expect(feed.out.all).toEqual(['abcdefghi']);
    expect(feed.tcp.counters).toMatchObject({ outOfOrder: 2, gaps: 0 });
    expect(feed.tcp.heldBytes).toBe(0);
  });

  it('trims retransmissions and overlaps', () => {
    const feed = new Feed().syn(99).send(100, 'abc').send(100, 'abc').send(99, 'x').send(101, 'bcde');
    feed.send(108, 'ij').send(108, 'ij').send(107, 'hijk').send(105, 'fgh');
    expect(feed.out.all).toEqual(['abcdefghijk']);
    expect(feed.tcp.counters.retransmitted).toBeGreaterThanOrEqual(4);
    expect(feed.tcp.counters.gaps).toBe(0);
  });

  it('wraps at 2^32', () => {
    const feed = new Feed().syn(0xffff_fffd).send(1, 'def').send(0xffff_fffe, 'abc').send(4, 'g');
    expect(feed.out.all).toEqual(['abcdefg']);
    const signed = new Feed().syn(-4).send(0, 'cd').send(-3, 'xab');
    expect(signed.out.all).toEqual(['xabcd']);
  });

  it('joins in the middle, with a gap before', () => {
    const feed = new Feed().send(5000, 'abc').send(5003, 'def').send(4000, 'old');
    expect(feed.out.all).toEqual(['|abcdef']);
    expect(feed.tcp.counters).toMatchObject({ joined: 1, gaps: 0, retransmitted: 1 });
  });

  it('joins at a start line without a gap', () => {
    const feed = new Feed({ isStart: (bytes, offset) => bytes[offset] === 0x53 }).send(5000, 'SIP');
    expect(feed.out.all).toEqual(['SIP']);
  });

  it('accepts the SYN that comes after its data', () => {
    const feed = new Feed().send(100, 'abc').syn(99).send(103, 'def');
    expect(feed.out.all).toEqual(['|abcdef']);
    expect(feed.out.closedIds).toEqual([]);
  });

  it('takes data on a SYN', () => {
    expect(new Feed().send(99, 'abc', TCP_SYN).send(103, 'd').out.all).toEqual(['abcd']);
  });
});

describe('TcpReassembler, holes', () => {
  it('gives a hole up after three seconds', () => {
    const feed = new Feed().syn(99).send(100, 'ab');
    feed.timeUs = 1_000_000;
    feed.send(105, 'fg');
    feed.tcp.expire(3_999_999, feed.out);
    expect(feed.out.all).toEqual(['ab']);
    feed.tcp.expire(4_000_000, feed.out);
    expect(feed.out.all).toEqual(['ab|fg']);
    expect(feed.tcp.counters.gaps).toBe(1);
    feed.send(102, 'cde').send(107, 'h');
    expect(feed.out.all).toEqual(['ab|fgh']);
  });

  it('notices on a later segment too, and treats each hole alone', () => {
    const feed = new Feed().syn(99).send(102, 'c');
    feed.timeUs = 2_000_000;
    feed.send(104, 'e');
    feed.timeUs = 3_500_000;
    feed.send(106, 'g');
    expect(feed.out.all).toEqual(['|c']);
    feed.tcp.expire(5_000_000, feed.out);
    expect(feed.out.all).toEqual(['|c|e']);
    feed.send(105, 'f');
    expect(feed.out.all).toEqual(['|c|efg']);
  });

  it('bounds segments and bytes of one flow', () => {
    const feed = new Feed({ heldSegmentsPerFlow: 4, heldBytesPerFlow: 100 }).syn(99);
    for (let i = 0; i < 5; i++) feed.send(102 + 2 * i, 'x');
    expect(feed.out.all).toEqual(['|x']);
    expect(feed.tcp.heldBytes).toBe(4);
    feed.send(500, 'y'.repeat(99));
    expect(feed.out.all).toEqual(['|x|x|x|x']);
    expect(feed.tcp.heldBytes).toBe(100);
    feed.send(1000, 'z'.repeat(200));
    expect(feed.out.all[0]).toBe(`|x|x|x|x|x|${'y'.repeat(99)}|${'z'.repeat(200)}`);
    expect(feed.tcp.heldBytes).toBe(0);
  });

  it('gives up the hole before a segment that has no room in front of the others', () => {
    const feed = new Feed({ heldSegmentsPerFlow: 1 }).syn(99).send(110, 'k').send(105, 'f');
    expect(feed.out.all).toEqual(['|f']);
    feed.send(106, 'ghij');
    expect(feed.out.all).toEqual(['|fghijk']);
  });

  it('bounds all flows together', () => {
    const feed = new Feed({ heldBytesMax: 10 });
    for (let port = 1; port <= 5; port++) {
      feed.srcPort = port;
      feed.syn(99).send(104, 'eeee');
    }
    expect(feed.tcp.heldBytes).toBe(8);
    expect(feed.out.all).toEqual(['|eeee', '|eeee', '|eeee']);
  });

  it('treats what the snap length cut as a gap', () => {
    const feed = new Feed()
      .syn(99)
      .send(100, 'ab', 0, 5)
      .send(105, 'fg')
      .send(109, 'jk', 0, 4)
      .send(107, 'hi');
    expect(feed.out.all).toEqual(['ab|fghijk']);
    feed.send(113, 'n');
    expect(feed.out.all).toEqual(['ab|fghijk|n']);
    expect(feed.tcp.counters.gaps).toBe(2);
  });

  it('drops strays, and follows them when they go on', () => {
    const feed = new Feed().syn(99).send(100, 'ab').send(900_000_000, 'stray').send(102, 'cd');
    expect(feed.out.all).toEqual(['abcd']);
    feed.send(900_000_000, 'xx').send(900_000_002, 'yy').send(900_000_004, 'zz');
    expect(feed.out.all).toEqual(['abcd|yyzz']);
    expect(feed.tcp.counters).toMatchObject({ stray: 3, gaps: 1 });
  });
});

describe('TcpReassembler, life of a flow', () => {
  it('closes by FIN once everything before it came', () => {
    const feed = new Feed().syn(99).send(103, 'd', TCP_FIN);
    expect(feed.out.closedIds).toEqual([]);
    feed.send(100, 'abc');
    expect(feed.out.all).toEqual(['abcd']);
    expect(feed.out.closedIds).toHaveLength(1);
    feed.send(103, 'd', TCP_FIN).send(100, 'abc').send(104, 'more');
    expect(feed.out.all).toEqual(['abcd']);
    expect(feed.out.closedIds).toHaveLength(1);
  });

  it('closes by an empty FIN after a hole is given up', () => {
    const feed = new Feed().syn(99).send(103, '', TCP_FIN);
    feed.tcp.expire(3_000_000, feed.out);
    expect(feed.out.closedIds).toHaveLength(1);
    expect(feed.tcp.counters.gaps).toBe(1);
  });

  it('closes both directions by RST', () => {
    const feed = new Feed().syn(99).send(100, 'ab');
    const back = new Feed();
    const { src, dst } = feed;
    const answer = Buffer.from('cd');
    feed.tcp.segment(dst, 5060, src, 1000, 7, 0, answer, 0, 2, 0, feed.out);
    feed.tcp.segment(dst, 5060, src, 1000, 900_000_000, TCP_RST, answer, 0, 0, 0, feed.out);
    expect(feed.out.closedIds).toEqual([]);
    feed.tcp.segment(dst, 5060, src, 1000, 9, TCP_RST, answer, 0, 0, 0, feed.out);
    expect(feed.out.closedIds).toHaveLength(2);
    expect(back.send(1, '', TCP_RST).tcp.flows).toBe(0);
  });

  it('begins anew at another SYN, with another id', () => {
    const feed = new Feed().syn(99).send(100, 'ab').syn(99).send(102, 'c').syn(5000).send(5001, 'new');
    expect(feed.out.all).toEqual(['abc', 'new']);
    expect(feed.out.closedIds).toEqual([[...feed.out.text.keys()][0]]);
    expect(feed.tcp.flows).toBe(1);
  });

  it('notices ports used again without a SYN after the end', () => {
    const feed = new Feed().syn(99).send(100, 'ab', TCP_FIN).send(800_000_000, 'cd').send(800_000_002, 'ef');
    expect(feed.out.all).toEqual(['ab', '|ef']);
  });

  it('evicts the flow used longest ago, and says so', () => {
    const feed = new Feed({ flowsMax: 2 });
    const on = (port: number): Feed => {
      feed.srcPort = port;
      return feed;
    };
    on(1).syn(0).send(1, 'a');
    on(2).syn(0).send(1, 'b');
    on(1).send(2, 'A');
    on(3).syn(0).send(1, 'c');
    expect(feed.tcp.counters.evicted).toBe(1);
    expect(feed.out.closedIds).toEqual([[...feed.out.text.keys()][1]]);
    on(1).send(3, 'x');
    expect(feed.out.all).toEqual(['aAx', 'b', 'c']);
    expect(feed.tcp.flows).toBe(2);
  });

  it('loses one flow at most to a flood of SYNs', () => {
    const feed = new Feed({ flowsMax: 8 });
    for (let port = 1; port <= 8; port++) {
      feed.srcPort = port;
      feed.syn(0).send(1, `flow${port}`);
    }
    for (let port = 1000; port < 3000; port++) {
      feed.srcPort = port;
      feed.syn(port);
    }
    for (let port = 1; port <= 8; port++) {
      feed.srcPort = port;
      feed.send(6, '!');
    }
    expect(feed.out.all.filter((text) => text.endsWith('!') && !text.startsWith('|'))).toHaveLength(7);
  });

  it('gives every flow its own addresses', () => {
    const feed = new Feed({ ports: [6000] });
    feed.src = Int32Array.of(1, -2, 3, -4);
    feed.dst = ipv4(9);
    feed.srcPort = 65_535;
    feed.dstPort = 6000;
    feed.send(1, 'a');
    const [id] = [...feed.out.text.keys()];
    const out = new Int32Array(10);
    expect(feed.tcp.endpoints(id!, out)).toBe(true);
    expect([...out]).toEqual([1, -2, 3, -4, 0, 0, 0xffff, 0x0a00_0009, 65_535, 6000]);
    expect(feed.tcp.endpoints(12_345_678, out)).toBe(false);
    expect(feed.tcp.endpoints(-1, out)).toBe(false);
  });

  it('flushes at the end of a capture', () => {
    const feed = new Feed().syn(99).send(103, 'd');
    feed.tcp.flush(feed.out);
    expect(feed.out.all).toEqual(['|d']);
    expect(feed.out.closedIds).toHaveLength(1);
    expect(feed.tcp.flows).toBe(0);
    feed.send(1, 'again');
    expect(feed.out.all).toEqual(['|d', '|again']);
  });
});

describe('TcpReassembler, which flows', () => {
  it('keeps no state for other flows', () => {
    const feed = new Feed();
    feed.dstPort = 443;
    feed.syn(1).send(2, 'hello').send(7, '', TCP_FIN);
    expect(feed.tcp.flows).toBe(0);
    expect(feed.tcp.counters.segments).toBe(0);
  });

  it('follows a flow on any port once its payload looks like SIP', () => {
    const feed = new Feed({ isStart: (bytes, offset, length) => length > 2 && bytes[offset] === 0x53 });
    feed.dstPort = 9999;
    feed.syn(1).send(2, 'xyz').send(5, 'SIP').send(8, 'xyz');
    expect(feed.out.all).toEqual(['SIPxyz']);
  });

  it('ignores a flow that nobody accepts', () => {
    const feed = new Feed().syn(0);
    for (let i = 0; i < 20; i++) feed.send(1 + i * 1000, 'x'.repeat(1000));
    expect(feed.out.all[0]).toHaveLength(9000);
    expect(feed.tcp.counters.ignored).toBe(1);
    expect(feed.out.closedIds).toHaveLength(1);
    feed.send(1, '', TCP_RST);
    expect(feed.out.closedIds).toHaveLength(1);
    feed.syn(77).send(78, 'new');
    expect(feed.out.all[1]).toBe('new');
  });

  it('follows an accepted flow without end', () => {
    const feed = new Feed().syn(0);
    feed.out.onData = (id) => feed.tcp.accept(id);
    for (let i = 0; i < 20; i++) feed.send(1 + i * 1000, 'x'.repeat(1000));
    expect(feed.out.all[0]).toHaveLength(20_000);
  });

  it('stops at once when rejected from within the sink, and frees what waits', () => {
    const feed = new Feed().syn(0).send(3, 'c').send(5, 'e');
    feed.out.onData = (id) => feed.tcp.reject(id);
    feed.send(1, 'ab').send(4, 'd');
    expect(feed.out.all).toEqual(['ab']);
    expect(feed.tcp.heldBytes).toBe(0);
    expect(feed.tcp.counters.ignored).toBe(1);
    expect(feed.out.closedIds).toEqual([]);
    feed.tcp.reject(123_456);
  });

  it('follows the other direction of a flow on any port, as long as the flow lives', () => {
    const feed = new Feed({ isStart: (bytes, offset) => bytes[offset] === 0x53 });
    const back = (): void => {
      [feed.src, feed.dst] = [feed.dst, feed.src];
      [feed.srcPort, feed.dstPort] = [feed.dstPort, feed.srcPort];
    };
    feed.dstPort = 9999;
    feed.send(5, 'SIP');
    const [forward] = [...feed.out.text.keys()];
    expect(feed.tcp.peerOf(forward!)).toBe(-1);
    back();
    feed.send(77, 'abc');
    expect(feed.out.all).toEqual(['SIP', '|abc']);
    const reverse = [...feed.out.text.keys()][1]!;
    expect(feed.tcp.peerOf(forward!)).toBe(reverse);
    expect(feed.tcp.peerOf(reverse)).toBe(forward);
    expect(feed.tcp.peerOf(12_345_678)).toBe(-1);
    feed.srcPort = 1234;
    feed.send(5, 'abc');
    expect(feed.out.all).toHaveLength(2);
  });

  it('refuses a table without room', () => expect(() => new Feed({ flowsMax: 0 })).toThrow(RangeError));
});
