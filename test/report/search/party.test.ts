import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseParty } from '../../../src/report/search/party.ts';

function matches(wanted: string, party: string | null): boolean {
  const match = parseParty(wanted);
  if (match === null) throw new Error(`${wanted} names nobody`);
  return match(party);
}

describe('parseParty', () => {
  it('compares numbers by their digits from the right', () => {
    expect(matches('4711', 'sip:4711@pbx')).toBe(true);
    expect(matches('4711', 'sip:+49301234711@pbx')).toBe(true);
    expect(matches('4711', 'sip:47110@pbx')).toBe(false);
    expect(matches('4711', 'sip:bob@4711.example')).toBe(false);
    expect(matches('4711', 'sip:agent4711@pbx')).toBe(true);
    expect(matches('4711', 'tel:+49-30-123-4711')).toBe(true);
    expect(matches('4711', 'sip:4711;phone-context=pbx@pbx')).toBe(true);
    expect(matches('4711', 'sip:4711@pbx (busy)')).toBe(true);
    expect(matches('4711', null)).toBe(false);
  });

  it('takes the prefixes of whole numbers for what they are', () => {
    for (const wanted of ['+49 (30) 123-4711', '0049301234711', '0301234711', '030/1234711', '301234711'])
      for (const user of ['+49301234711', '0049301234711', '0301234711', '301234711'])
        expect(`${wanted} ${user} ${matches(wanted, `sip:${user}@pbx`)}`).toBe(`${wanted} ${user} true`);
    expect(matches('+49301234711', 'sip:+4930123471@pbx')).toBe(false);
  });

  it('takes nothing off extensions, and does not find them in a longer number that was asked for', () => {
    expect(matches('+49301234711', 'sip:4711@pbx')).toBe(false);
    expect(matches('007', 'sip:107@pbx')).toBe(false);
    expect(matches('007', 'sip:1007@pbx')).toBe(true);
  });

  it('knows service codes and escapes', () => {
    expect(matches('*97', 'sip:*97@pbx')).toBe(true);
    expect(matches('*97', 'sip:97@pbx')).toBe(false);
    expect(matches('#31', 'sip:%2331@pbx')).toBe(true);
    expect(matches('31', 'sip:%zz31@pbx')).toBe(true);
  });

  it('finds a part of a name or host, in either case, and addresses as text', () => {
    expect(matches('Ali', 'sip:alice@example.com')).toBe(true);
    expect(matches('example.COM', 'sip:alice@example.com')).toBe(true);
    expect(matches('bob', 'sip:alice@example.com')).toBe(false);
    expect(matches('10.0.0.5', 'sip:alice@10.0.0.5')).toBe(true);
    expect(matches('10.0.0.5', 'sip:10005@pbx')).toBe(false);
  });

  it('has nothing to look for in an empty text', () => {
    expect(parseParty('  ')).toBeNull();
  });

  it('finds every ending of every number, however either is written', () => {
    const digits = fc.stringMatching(/^[1-9]\d{7,14}$/);
    fc.assert(
      fc.property(digits, fc.nat(), fc.constantFrom('', '+', '00', '0'), (number, cut, prefix) => {
        const ending = number.slice(cut % (number.length - 2));
        const spaced = ending.split('').join(' ');
        expect(matches(ending, `sip:${prefix}${number}@pbx`)).toBe(true);
        expect(matches(spaced, `sip:${prefix}${number}@pbx`)).toBe(true);
        expect(matches(`${prefix}${number}`, `sip:${number}@pbx`)).toBe(true);
      }),
    );
  });

  it('finds no number that ends otherwise', () => {
    const number = fc.stringMatching(/^\d{3,14}$/);
    fc.assert(
      fc.property(number, number, (wanted, user) => {
        const bare = (text: string): string => text.replace(/^0+/, '');
        const [a, b] = [bare(wanted), bare(user)];
        const alike =
          user.endsWith(wanted) || (a.length >= 7 && b.length >= 7 && (a.endsWith(b) || b.endsWith(a)));
        expect(matches(wanted, `sip:${user}@pbx`)).toBe(alike);
      }),
    );
  });

  it('takes any text without failing', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (wanted, party) => {
        const match = parseParty(wanted);
        expect(typeof (match?.(party) ?? false)).toBe('boolean');
      }),
    );
  });
});
