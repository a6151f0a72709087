import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskText } from '../../src/privacy/text.ts';
import { parseAddress } from '../../src/synth/address.ts';
import '../property-seed.ts';
import { pseudonyms } from './secrets.ts';

const names = pseudonyms(true);
const digits = (length: number): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
    .map((all) => all.join(''));
const number = (text: string): string => names.number(text.replace('+', ''), text.startsWith('+'), 'wire');

describe('numbers', () => {
  test.each([
    ['+4930123456', /^49[g-s]{8}$/],
    ['+15551234567', /^1[g-s]{10}$/],
    ['+353861234567', /^353[g-s]{9}$/],
    ['+79261234567', /^7[g-s]{10}$/],
    ['00493012345678', /^0049[g-s]{10}$/],
    ['030123456', /^0[g-s]{8}$/],
    ['4711', /^[g-s]{4}$/],
    ['5550141', /^[g-s]{7}$/],
  ])('%s keeps its class, its country and its length', (text, expected) => {
    expect(number(text)).toMatch(expected);
  });

  test('emergency and service numbers are told as they are', () => {
    expect(['112', '110', '911', '999', '000'].map(number)).toEqual(['112', '110', '911', '999', '000']);
    expect(number('113355')).not.toContain('11');
  });

  test('one subscriber is one, in every way of writing', () => {
    const subscriber = number('+4930123456').slice(2);
    expect(number('004930123456').slice(4)).toBe(subscriber);
    expect(number('030123456').slice(1)).toBe(subscriber);
    expect(maskText(names, 'tel:+49-30-123456', 'wire').replace(/-/g, '')).toBe(`tel:+49${subscriber}`);
    expect(maskText(names, '+49 (30) 12 34 56', 'wire').replace(/[ ()]/g, '')).toBe(`+49${subscriber}`);
  });

  test.each([1, 2, 3, 4])('no two extensions of %i digits become one', (length) => {
    const all = Array.from({ length: 10 ** length }, (_, i) => String(i).padStart(length, '0'));
    expect(new Set(all.map((text) => names.numbers.digits(text))).size).toBe(all.length);
  });

  test('no two numbers become one, and none keeps a digit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 28 }).chain((length) => fc.tuple(digits(length), digits(length))),
        ([a, b]) => {
          const [x, y] = [names.numbers.digits(a), names.numbers.digits(b)];
          expect(x === y).toBe(a === b);
          expect(x).toMatch(/^[g-s]+$/);
          expect(x.length).toBe(a.length);
        },
      ),
    );
  });
});

describe('words', () => {
  test('are as long as they were, in their case, the same everywhere, and others with another key', () => {
    const word = (text: string, key?: string): string => pseudonyms(false, key).word(text, 'names');
    expect(word('Alice')).toMatch(/^[B-Z][b-z]{4}$/);
    expect(word('ALICE')).toBe(word('alice').toUpperCase());
    expect(word('alice')).toBe(word('alice'));
    expect(word('alice', 'k2')).not.toBe(word('alice'));
    expect(word('anonymous')).toBe('anonymous');
  });

  test('of the protocols are kept where no name stands', () => {
    expect(maskText(names, ';transport=udp;lr', 'wire')).toBe(';transport=udp;lr');
    expect(maskText(names, 'Busy Here', 'names')).not.toContain('Busy');
  });

  test('any text keeps its length, and nothing but its punctuation', () => {
    const octets = fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
      maxLength: 200,
    });
    const wild = fc.oneof(
      octets,
      fc.string({ unit: fc.constantFrom(...'a1:.@%+;=<>"[]- 0fF4'), maxLength: 60 }),
    );
    fc.assert(
      fc.property(wild, fc.constantFrom('wire' as const, 'names' as const), (text, strictness) => {
        const masked = maskText(names, text, strictness);
        expect(masked.length).toBe(text.length);
        expect(maskText(pseudonyms(true), text, strictness)).toBe(masked);
      }),
      { numRuns: 400 },
    );
  });
});

describe('addresses', () => {
  const octet = fc.integer({ min: 0, max: 255 });
  const ipv4 = fc.tuple(octet, octet, octet, octet).map((all) => all.join('.'));
  const isSpecial = (text: string): boolean => /^(?:0|127|22[4-9]|23\d|24\d|25\d)\./.test(text);

  test('are as long as they were, other ones, and stay in one network with their neighbours', () => {
    fc.assert(
      fc.property(ipv4, ipv4, fc.integer({ min: 0, max: 3 }), (a, b, shared) => {
        const neighbour = [...a.split('.').slice(0, shared), ...b.split('.').slice(shared)].join('.');
        const [x, y] = [names.ipv4(a)!, names.ipv4(neighbour)!];
        expect(x.length).toBe(a.length);
        expect(x === a).toBe(isSpecial(a));
        expect(x === y).toBe(a === neighbour);
        const common = (p: string, q: string): number => {
          const [left, right] = [p.split('.'), q.split('.')];
          const first = left.findIndex((part, i) => part !== right[i]);
          return first < 0 ? 4 : first;
        };
        expect(common(x, y)).toBe(common(a, neighbour));
      }),
    );
  });

  test.each([
    ['10.1.2.3', /^10\./],
    ['172.20.1.2', /^172\.(?:1[6-9]|2\d|3[01])\./],
    ['172.40.1.2', /^172\.(?:3[2-9]|[4-9]\d)\./],
    ['192.168.1.2', /^192\.168\./],
    ['169.254.1.2', /^169\.254\./],
    ['100.80.1.2', /^100\.(?:6[4-9]|[7-9]\d)\./],
    ['127.0.0.1', /^127\.0\.0\.1$/],
    ['239.1.2.3', /^239\.1\.2\.3$/],
  ])('%s stays what it is', (text, expected) => {
    expect(names.ipv4(text)).toMatch(expected);
  });

  test('public ones never become private', () => {
    fc.assert(
      fc.property(ipv4, (text) => {
        const isPrivate =
          /^(?:10\.|172\.(?:1[6-9]|2\d|3[01])\.|192\.168\.|169\.254\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|127\.)/;
        expect(isPrivate.test(names.ipv4(text)!)).toBe(isPrivate.test(text));
      }),
    );
  });

  test.each([
    '2001:db8::1',
    '2001:DB8:0:1::ABCD',
    'fd12:3456:789a::1',
    'fe80::1ff:fe23:4567:890a',
    '2001:0db8:0000:0000:0000:0000:00c0:00de',
    '::ffff:10.1.2.3',
    '64:ff9b::198.51.100.7',
  ])('%s as text and as octets is the same', (text) => {
    const masked = names.ipv6(text)!;
    expect(masked.length).toBe(text.length);
    expect(masked).not.toBe(text);
    const octets = parseAddress(text.startsWith('::ffff') || text.startsWith('64') ? asHex(text) : text)!;
    names.addresses.ipv6(octets);
    expect([...octets]).toEqual([...parseAddress(masked.includes('.') ? asHex(masked) : masked)!]);
  });

  test.each(['::1', '::', 'ff02::1', 'fe80::'])('%s stays', (text) => {
    expect(names.ipv6(text)).toBe(text);
  });

  test('times and nonsense are none', () => {
    expect(
      ['09:00:15', '1:2:3:4:5:6:7:8:9', '12345::', ':::', '1.2.3.4'].map((text) => names.ipv6(text)),
    ).toEqual(Array.from({ length: 5 }, () => null));
    expect(names.ipv4('1.2.3.256')).toBeNull();
  });
});

/** An address with its end in decimal, written in hex. */
function asHex(text: string): string {
  const at = text.lastIndexOf(':') + 1;
  const [a, b, c, d] = text.slice(at).split('.').map(Number) as [number, number, number, number];
  return `${text.slice(0, at)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}
