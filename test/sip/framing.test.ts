import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SipFramer } from '../../src/sip/framing.ts';
import { BYE, bytesOf, EXAMPLES, INVITE, INVITE_LINES, OK_RESPONSE } from './examples.ts';

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

function drain(framer: SipFramer): string[] {
  const messages: string[] = [];
  for (let message = framer.next(); message !== null; message = framer.next()) messages.push(textOf(message));
  return messages;
}

function feed(framer: SipFramer, ...texts: string[]): string[] {
  return texts.flatMap((text) => {
    const bytes = bytesOf(text);
    framer.push(bytes, 0, bytes.length);
    return drain(framer);
  });
}

describe('SipFramer', () => {
  it('cuts several messages out of one segment', () => {
    const framer = new SipFramer();
    expect(feed(framer, EXAMPLES.join(''))).toEqual(EXAMPLES);
    expect(framer.counters).toMatchObject({ messages: 3, resyncs: 0, skippedBytes: 0 });
    expect(framer.buffered).toBe(0);
  });

  it('joins one message from single bytes', () => {
    const framer = new SipFramer();
    expect(feed(framer, ...INVITE)).toEqual([INVITE]);
  });

  it('counts keep-alives between messages', () => {
    const framer = new SipFramer();
    expect(feed(framer, '\r\n\r\n', `${BYE}\r\n\r\n${BYE}`, '\r', '\n')).toEqual([BYE, BYE]);
    expect(framer.counters).toMatchObject({ keepAlives: 5, resyncs: 0 });
  });

  it('knows Content-Length by its short name, folded, and in any case', () => {
    for (const header of ['l: 4', 'CONTENT-LENGTH : 4', 'Content-Length:\r\n 4']) {
      const text = `${INVITE_LINES.join('\r\n')}\r\n${header}\r\n\r\nbody`;
      expect(feed(new SipFramer(), text + BYE)).toEqual([text, BYE]);
    }
  });

  it('takes no body without Content-Length', () => {
    const text = `${INVITE_LINES.join('\r\n')}\r\n\r\n`;
    expect(feed(new SipFramer(), text + BYE)).toEqual([text, BYE]);
  });

  it('starts in the middle of a stream', () => {
    const framer = new SipFramer();
    expect(feed(framer, `0/0 101\r\na=sendrecv\r\n${OK_RESPONSE}`, BYE)).toEqual([OK_RESPONSE, BYE]);
    expect(framer.counters).toMatchObject({ messages: 2, resyncs: 1, skippedBytes: 21 });
  });

  it('drops the partial message at a gap and finds the next start line', () => {
    const framer = new SipFramer();
    expect(feed(framer, INVITE.slice(0, 300))).toEqual([]);
    framer.gap();
    expect(feed(framer, INVITE.slice(500) + BYE)).toEqual([BYE]);
    expect(framer.counters).toMatchObject({ gaps: 1, resyncs: 0, messages: 1 });
  });

  it('accepts a message right after a gap', () => {
    const framer = new SipFramer();
    framer.gap();
    expect(feed(framer, BYE)).toEqual([BYE]);
  });

  it.each(['99999999', '-1', 'x', '70000'])('hands out the headers alone for Content-Length %s', (value) => {
    const framer = new SipFramer();
    const head = `${INVITE_LINES.join('\r\n')}\r\nContent-Length: ${value}\r\n\r\n`;
    expect(feed(framer, `${head}v=0\r\ns=x\r\n${BYE}${OK_RESPONSE}`)).toEqual([head, BYE, OK_RESPONSE]);
    expect(framer.counters).toMatchObject({ badLengths: 1, resyncs: 1 });
  });

  it('never buffers more than it says, whatever comes', () => {
    const framer = new SipFramer();
    const start = 'INVITE sip:a@b SIP/2.0\r\n';
    feed(framer, start);
    for (let i = 0; i < 200; i++) {
      feed(framer, `X: ${'y'.repeat(2000)}\r\n`);
      expect(framer.buffered).toBeLessThan(70_000);
    }
    expect(framer.counters.resyncs).toBeGreaterThan(0);
    expect(feed(framer, `\r\n${BYE}`)).toEqual([BYE]);
    for (let i = 0; i < 100; i++) feed(framer, 'z'.repeat(5000));
    expect(framer.buffered).toBeLessThan(2100);
  });

  it('overflows when nobody reads', () => {
    const framer = new SipFramer();
    const bytes = bytesOf(INVITE);
    for (let i = 0; i < 2000; i++) framer.push(bytes, 0, bytes.length);
    expect(framer.counters.overflows).toBeGreaterThan(0);
    expect(framer.buffered).toBeLessThanOrEqual(262_144);
    const huge = new Uint8Array(300_000).fill(65);
    framer.push(huge, 0, huge.length);
    expect(framer.buffered).toBeLessThanOrEqual(262_144);
  });

  it('takes linear time on start lines without end', () => {
    const framer = new SipFramer();
    const began = performance.now();
    for (let i = 0; i < 50; i++) feed(framer, 'INVITE sip:a@b SIP/2.0\r\n'.repeat(2700));
    for (let i = 0; i < 200_000; i++) framer.push(bytesOf('x'), 0, 1);
    drain(framer);
    expect(performance.now() - began).toBeLessThan(8000);
  });

  it('gives the same messages however the stream is split', () => {
    const stream = bytesOf(`\r\n${EXAMPLES.join('')}\r\n\r\n${EXAMPLES.toReversed().join('')}`);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 60 }), (sizes) => {
        const framer = new SipFramer();
        const messages: string[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = Math.min(sizes[i % sizes.length]!, stream.length - at);
          framer.push(stream, at, size);
          messages.push(...drain(framer));
          at += size;
        }
        expect(messages).toEqual([...EXAMPLES, ...EXAMPLES.toReversed()]);
      }),
      { numRuns: 200 },
    );
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 }), (chunks) => {
        const framer = new SipFramer();
        for (const chunk of chunks) {
          framer.push(chunk, 0, chunk.length);
          drain(framer);
        }
      }),
    );
  });
});
