import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contains, parseNetwork } from '../../../src/metrics/groups/cidr.ts';
import { type GroupFacts, type GroupRule, Groups, PLACES_MAX } from '../../../src/metrics/groups/groups.ts';
import { parseAddress } from '../../../src/packet/address.ts';
import { filled, match } from '../../../src/records/pattern.ts';

const rule = (name: string, changes: Partial<GroupRule>): GroupRule => {
  return { name, cidr: [], vlan: [], userAgent: [], header: null, value: '*', ...changes };
};
const facts = (changes: Partial<GroupFacts> = {}): GroupFacts => {
  return {
    source: '10.1.2.3',
    destination: '192.0.2.9',
    vlans: [],
    userAgent: null,
    headers: {},
    ...changes,
  };
};
const NONE = { sites: [], trunks: [], devices: [] };

describe('networks', () => {
  test.each([
    ['10.1.0.0/16', '10.1.255.9', true],
    ['10.1.0.0/16', '10.2.0.0', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.4', false],
    ['0.0.0.0/0', '203.0.113.1', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/33', '2001:db8:ffff::1', false],
    ['::/0', '10.1.2.3', true],
    ['10.1.2.3/31', '10.1.2.2', true],
  ])('%s and %s: %s', (network, address, expected) => {
    expect(contains(parseNetwork(network)!, parseAddress(address)!)).toBe(expected);
  });

  test.each(['', '10.1.0.0/33', '10.1/16', 'host', '2001:db8::/129', '10.1.0.0/-1', '10.1.0.0/16/8'])(
    '%s is none',
    (text) => {
      expect(parseNetwork(text)).toBeNull();
    },
  );
});

describe('patterns', () => {
  test.each([
    ['Yealink*', 'yealink SIP-T46U 108.86', [' SIP-T46U 108.86']],
    ['Yealink SIP-* *', 'Yealink SIP-T46U 108.86', ['T46U', '108.86']],
    ['*/*', 'Asterisk/20.1', ['Asterisk', '20.1']],
    ['a?c', 'abc', []],
    ['a?c', 'ac', null],
    ['*', '', ['']],
    ['abc', 'abcd', null],
    ['a*b*c', 'a-b-b-c-c', ['-b-', '-c-']],
  ])('%s on %s', (pattern, text, expected) => {
    const found = match(pattern, text);
    if (expected === null) expect(found).toBeNull();
    else expect(found).not.toBeNull();
    if (found === null || expected === null) return;
    // What stars stand for may be cut in more than one way; put together it is the text.
    expect(found.length).toBe(expected.length);
    let i = 0;
    const rebuilt = [...pattern].map((each, at) =>
      each === '*' ? found[i++] : each === '?' ? text[at] : each,
    );
    expect(rebuilt.join('').toLowerCase()).toBe(text.toLowerCase());
  });

  test('agree with what a regular expression says', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 });
    fc.assert(
      fc.property(letters, text, (pattern, given) => {
        const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
        expect(match(pattern, given) !== null).toBe(expression.test(given));
      }),
    );
  });

  test('take what was matched into names', () => {
    expect(filled('$1 of $2 $3', ['T46U', '108'])).toBe('T46U of 108 ');
  });
});

describe('groups', () => {
  test('may go by the interface, and hold for nobody who has none', () => {
    const groups = new Groups({ ...NONE, sites: [rule('lab', { interface: ['eth1', 'mirror*'] })] });
    const siteOn = (name: string | null) => groups.place(facts({ interface: name })).site;
    expect(['eth1', 'mirror7', 'eth10', null].map(siteOn)).toEqual(['lab', 'lab', 'none', 'none']);
  });

  test('without rules everything is none and internal', () => {
    expect(new Groups().place(facts())).toEqual({
      intoSite: null,
      site: 'none',
      trunk: 'none',
      device: 'none',
      direction: 'internal',
    });
  });

  test.each([
    ['10.1.0.1', '192.0.2.1', false],
    ['192.0.2.1', '10.1.0.1', true],
    ['10.1.0.1', '10.1.0.2', null],
    ['192.0.2.1', '192.0.2.2', null],
  ])('from %s to %s: into the site %s', (source, destination, into) => {
    const sites = [rule('berlin', { cidr: ['10.1.0.0/16'] }), rule('rest', {})];
    const groups = new Groups({ sites, trunks: [], devices: [] });
    expect(groups.place(facts({ source, destination })).intoSite).toBe(into);
  });

  test('the first rule that holds decides', () => {
    const sites = [
      rule('lab', { cidr: ['10.1.2.0/24'] }),
      rule('berlin', { cidr: ['10.1.0.0/16'] }),
      rule('rest', { cidr: ['0.0.0.0/0'] }),
    ];
    const groups = new Groups({ ...NONE, sites });
    expect(groups.place(facts()).site).toBe('lab');
    expect(groups.place(facts({ source: '10.1.9.9' })).site).toBe('berlin');
    expect(groups.place(facts({ source: null, destination: '203.0.113.5' })).site).toBe('rest');
    expect(groups.place(facts({ source: '2001:db8::1', destination: null })).site).toBe('none');
  });

  test('all kinds that are given must hold', () => {
    const groups = new Groups({
      ...NONE,
      sites: [rule('voice', { cidr: ['10.0.0.0/8'], vlan: [100, 200] })],
    });
    expect(groups.place(facts({ vlans: [7, 200] })).site).toBe('voice');
    expect(groups.place(facts({ vlans: [7] })).site).toBe('none');
    expect(groups.place(facts({ source: '172.16.0.1', vlans: [100] })).site).toBe('none');
  });

  test('the side of the trunk is the direction', () => {
    const groups = new Groups({ ...NONE, trunks: [rule('carrier', { cidr: ['192.0.2.0/24'] })] });
    expect(groups.place(facts())).toMatchObject({ trunk: 'carrier', direction: 'outbound' });
    const back = facts({ source: '192.0.2.9', destination: '10.1.2.3' });
    expect(groups.place(back)).toMatchObject({ trunk: 'carrier', direction: 'inbound' });
    expect(groups.place(facts({ destination: '10.9.9.9' })).direction).toBe('internal');
    const within = facts({ source: '192.0.2.1' });
    expect(groups.place(within)).toMatchObject({ trunk: 'carrier', direction: 'unknown' });
  });

  test('headers and user agents name groups themselves', () => {
    const groups = new Groups({
      sites: [],
      trunks: [rule('$1', { header: 'X-Trunk', value: 'trunk-*' })],
      devices: [
        rule('Yealink $1', { userAgent: ['Yealink SIP-* *'] }),
        rule('other phone', { userAgent: ['*'] }),
      ],
    });
    const seen = facts({ userAgent: 'Yealink SIP-T46U 108', headers: { 'x-trunk': 'trunk-7' } });
    expect(groups.place(seen)).toEqual({
      intoSite: null,
      site: 'none',
      trunk: '7',
      device: 'Yealink T46U',
      direction: 'unknown',
    });
    expect(groups.place(facts({ userAgent: 'x"\n'.repeat(5000) })).device).toBe('other phone');
    expect(groups.place(facts()).device).toBe('none');
  });

  test('what a hostile user agent names is a fit label', () => {
    const groups = new Groups({ ...NONE, devices: [rule('$1', { userAgent: ['*'] })] });
    for (const userAgent of ['a"b\n\u0000', '\ud800', 'x'.repeat(10_000), '\u202e']) {
      const { device } = groups.place(facts({ userAgent }));
      expect(device.length).toBeLessThanOrEqual(64);
      expect(device).toMatch(/^[^\p{Cc}\p{Cf}\p{Cs}]+$/u);
    }
  });

  test('places are remembered within a bound', () => {
    const groups = new Groups({ ...NONE, sites: [rule('all', { cidr: ['0.0.0.0/0'] })] });
    for (let i = 0; i < PLACES_MAX * 2; i++) {
      const source = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
      expect(groups.place(facts({ source })).site).toBe('all');
    }
  });
});
