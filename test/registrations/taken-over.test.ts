import { describe, expect, test } from 'vitest';
import type { FindingRecord } from '../../src/records/types.ts';
import { PHONE, RegisterTape, type Round } from './register-tape.ts';

const STRANGER = { ip: '45.9.9.9', port: 5060 };
const DESK: Round = { agent: 'Yealink SIP-T46S 66.86', expiresS: 3600, headers: listing(PHONE) };
const OTHER: Round = {
  ...{ from: STRANGER, callId: 'other', agent: 'pplsip', expiresS: 3600 },
  headers: listing(STRANGER),
};

/** Contact lines of an answer. */
function listing(...at: { ip: string; port: number }[]): string[] {
  return at.map(({ ip, port }) => `Contact: <sip:alice@${ip}:${port}>;expires=3600`);
}

function found(...rounds: Round[]): FindingRecord[] {
  const tape = new RegisterTape();
  rounds.forEach((round, i) => {
    tape.register(i * 60_000, round);
  });
  return tape.play().findings.filter(({ code }) => code === 'registration_taken_over');
}

describe('a user who is registered from elsewhere in place of a live telephone', () => {
  test('is information, once, where the registrar may list the asking contact alone', () => {
    const [taken, ...more] = found(DESK, OTHER, OTHER, DESK, OTHER);
    expect(more).toEqual([]);
    expect(taken).toMatchObject({ severity: 'info', party: 'sip:alice@example.com' });
    expect(taken!.evidence).toMatchObject({
      ...{ source: '45.9.9.9', userAgent: 'pplsip', earlierSource: PHONE.ip, listsOthers: false },
      ...{ earlierUserAgent: DESK.agent, earlierExpiresInMs: 3_540_000 },
    });
  });

  test('is a warning where the registrar is known to list them all', () => {
    const two: Round = {
      ...{ user: 'bob', callId: 'bob', agent: 'x', expiresS: 3600 },
      headers: [...listing(PHONE), 'Contact: <sip:bob@192.0.2.77>;expires=60'],
    };
    const [taken] = found(two, DESK, OTHER);
    expect(taken).toMatchObject({ severity: 'warning' });
    expect(taken!.text).not.toContain('was not seen');
  });
});

describe('nothing is said of', () => {
  const at = (ip: string, more: Round = {}): Round => ({
    ...OTHER,
    from: { ip, port: 5060 },
    headers: listing({ ip, port: 5060 }),
    ...more,
  });

  test.each<[string, Round[]]>([
    ['a second telephone that is registered beside', [DESK, { ...OTHER, headers: listing(PHONE, STRANGER) }]],
    ['a telephone that changes networks', [DESK, { ...OTHER, agent: 'Yealink SIP-T46S 66.87' }]],
    ['one that does not say what it is', [DESK, { ...OTHER, agent: undefined as never }]],
    ['one of the same network', [DESK, at('192.0.2.99')]],
    ['one at a private address', [DESK, at('10.0.0.7')]],
    ['one after the earlier was removed', [DESK, { ...DESK, expiresS: 0, headers: [] }, OTHER]],
    ['one after the earlier ran out', [{ ...DESK, expiresS: 30, headers: [] }, OTHER]],
    ['an answer that lists nothing', [DESK, { ...OTHER, headers: [] }]],
    ['one that is refused', [DESK, { ...OTHER, answer: 403 }]],
  ])('%s', (_, rounds) => {
    expect(found(...rounds)).toEqual([]);
  });

  test('a user whose telephone and other device say which they are (RFC 5626)', () => {
    const named = (round: Round, ip: string, urn: string): Round => ({
      ...round,
      contacts: [`<sip:alice@${ip}:5060>;+sip.instance="<urn:uuid:${urn}>"`],
    });
    expect(found(named(DESK, PHONE.ip, '1'), named(OTHER, STRANGER.ip, '2'))).toEqual([]);
  });

  test('users of a registrar that keeps many devices and lists one: two, and no more', () => {
    const rounds = Array.from({ length: 12 }, (_, i): Round[] => [
      { ...DESK, user: `u${i}`, callId: `desk-${i}` },
      { ...at(`198.51.${i}.7`), user: `u${i}`, callId: `mobile-${i}` },
    ]).flat();
    expect(found(...rounds)).toHaveLength(2);
  });
});
