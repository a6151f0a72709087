import { describe, expect, test } from 'vitest';
import { isPageData, UdptlPacket } from '../../src/t38/udptl.ts';

function parse(octets: readonly number[], wire = octets.length): UdptlPacket | null {
  const packet = new UdptlPacket();
  const data = new DataView(Uint8Array.from([9, 9, ...octets]).buffer);
  return packet.parse(data, 2, octets.length, wire) ? packet : null;
}

describe('UDPTL (T.38 9.1)', () => {
  test('an indicator without redundancy', () => {
    expect(parse([0, 5, 1, 0x06, 0, 0])).toMatchObject({
      sequence: 5,
      primary: 6,
      protection: 0,
      protecting: 0,
    });
  });

  test('copies of two packets', () => {
    const packet = parse([0xff, 0xfe, 3, 0xd0, 1, 2, 0, 2, 2, 0xc0, 1, 1, 0x04])!;
    expect(packet).toMatchObject({ sequence: 0xfffe, primary: 0xd0, protection: 1, protecting: 2 });
    expect([...packet.secondaries.subarray(0, 2)]).toEqual([0xc0, 0x04]);
  });

  test('parity', () => {
    const packet = parse([0, 9, 1, 0x06, 0x80, 1, 3, 2, 1, 0xaa, 2, 0xbb, 0xcc])!;
    expect(packet).toMatchObject({ protection: 2, protecting: 2, span: 3 });
  });

  test('a long packet has two octets of length', () => {
    const packet = parse([0, 1, 0x80 | 1, 0x2c, 0xd0, ...new Array<number>(299).fill(1), 0, 0]);
    expect(packet).toMatchObject({ primary: 0xd0, protecting: 0 });
  });

  test.each([
    ['nothing', []],
    ['an RTP packet', [0x80, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, ...new Array<number>(160).fill(0xd5)]],
    ['a STUN request', [0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42, ...new Array<number>(20).fill(7)]],
    ['an empty primary packet', [0, 5, 0, 0, 0, 0]],
    ['octets too many', [0, 5, 1, 0x06, 0, 0, 0]],
    ['octets too few', [0, 5, 9, 0x06, 0, 0]],
    ['a copy that reaches beyond the end', [0, 5, 1, 0x06, 0, 1, 9, 1]],
    ['too many copies', [0, 5, 1, 0x06, 0, 33, ...new Array<number>(33).fill(0)]],
    ['a length in fragments', [0, 5, 0xc1, 6, 0, 0, 0, 0]],
    ['no kind of protection', [0, 5, 1, 0x06, 0x40, 0]],
    ['parity over a number of two octets', [0, 5, 1, 0x06, 0x80, 2, 0, 3, 0]],
  ])('%s is none', (_, octets) => {
    expect(parse(octets)).toBeNull();
  });

  test('cut by the capture: what it protects is not known', () => {
    const whole = [0xff, 0xfe, 3, 0xd0, 1, 2, 0, 2, 2, 0xc0, 1, 1, 0x04];
    for (let length = 2; length < whole.length; length++) {
      const packet = parse(whole.slice(0, length), whole.length);
      expect(packet, `${length} octets`).toMatchObject({ sequence: 0xfffe, protection: 0, cut: true });
    }
  });
});

test('pages are all data but V.21', () => {
  expect([0xc2, 0xc8, 0xd0, 0xe0, 0xe4].map(isPageData)).toEqual([true, true, true, true, true]);
  expect([0xc0, 0x00, 0x06, 0x40, 0x80, -1].map(isPageData)).toEqual([
    false,
    false,
    false,
    false,
    false,
    false,
  ]);
});
