import { describe, expect, test } from 'vitest';
import type { FindingRecord } from '../../src/records/types.ts';
import { EPOCH_MS } from '../calls/tape.ts';
import { RegisterTape, type Round } from './register-tape.ts';

const SITE = '10.1.0';
const OTHERS = '10.2.0';

const phone = (network: string, n: number): Round => ({
  from: { ip: `${network}.${10 + n}`, port: 5060 },
  user: `${network.replaceAll('.', '-')}-${n}`,
  callId: `${network}-${n}`,
  expiresS: 120,
});

/** `count` telephones of a network that refresh every minute, each at its second, between two times. */
function refreshed(tape: RegisterTape, network: string, count: number, fromS: number, untilS: number): void {
  for (let n = 0; n < count; n++)
    for (let s = fromS; s < untilS; s += 60) tape.register((s + n * 1.5) * 1000, phone(network, n));
}

function played(tape: RegisterTape, untilS: number): FindingRecord[] {
  for (let s = 0; s <= untilS; s += 5) tape.idle(s * 1000);
  return tape.play().findings;
}

const together = (findings: readonly FindingRecord[]): FindingRecord[] =>
  findings.filter(({ code }) => code === 'registrations_lost_together');

const atS = (us: number | null): number => (us! / 1000 - EPOCH_MS) / 1000;

describe('registrations of one network', () => {
  test('that vanish together and come back are one finding, and each has its own', () => {
    const tape = new RegisterTape();
    refreshed(tape, SITE, 20, 0, 300);
    refreshed(tape, OTHERS, 20, 0, 900);
    refreshed(tape, SITE, 20, 600, 900);
    const findings = played(tape, 900);
    const [group, ...more] = together(findings);
    expect(more).toEqual([]);
    expect(findings.filter(({ code }) => code === 'registration_lost')).toHaveLength(20);
    expect(group!.evidence).toMatchObject({
      ...{ network: '10.1.0.0/24', registrar: '203.0.113.5' },
      ...{ lost: 20, others: 0, back: 20, failures: 0, finalCode: null },
    });
    // The last refresh of all, to the last that came back.
    expect([atS(group!.startUs), atS(group!.endUs)]).toEqual([268.51, 628.51]);
    expect(group!.text).toBe(
      'all 20 registrations from 10.1.0.0/24 at 203.0.113.5 were lost together: none of them was refreshed in 360 s, until all were back',
    );
  });

  test('whose refreshes are refused say so, with how many there were', () => {
    const tape = new RegisterTape();
    refreshed(tape, SITE, 8, 0, 60);
    for (let n = 0; n < 8; n++)
      for (const s of [60, 120, 180]) tape.register((s + n) * 1000, { ...phone(SITE, n), answer: 503 });
    const [group] = together(played(tape, 300));
    expect(group!.evidence).toMatchObject({ lost: 8, back: 0, failures: 24, finalCode: 503 });
    expect(group!.text).toContain('24 refreshes were refused with 503');
    expect(atS(group!.startUs)).toBe(60);
  });

  test('are told ten minutes after it was sure, where they do not come back', () => {
    const tape = new RegisterTape();
    refreshed(tape, SITE, 6, 0, 60);
    const findings = played(tape, 1200);
    expect(atS(together(findings)[0]!.endUs)).toBeLessThan(800);
  });

  test('are told twice when they are lost twice', () => {
    const tape = new RegisterTape();
    for (const s of [0, 600, 1200]) refreshed(tape, SITE, 6, s, s + 120);
    expect(together(played(tape, 1250))).toHaveLength(2);
  });
});

describe('nothing is said', () => {
  test('of a part of them', () => {
    const tape = new RegisterTape();
    refreshed(tape, SITE, 6, 0, 60);
    for (let n = 20; n < 40; n++)
      for (let s = 0; s < 600; s += 60) tape.register((s + n) * 1000, phone(SITE, n));
    const findings = played(tape, 600);
    expect(findings.map(({ code }) => code)).toEqual(Array(6).fill('registration_lost'));
  });

  test('of those that go one after the other', () => {
    const tape = new RegisterTape();
    for (let n = 0; n < 6; n++)
      for (let s = 0; s < 60 + n * 300; s += 60) tape.register(s * 1000 + n, phone(SITE, n));
    expect(together(played(tape, 2400))).toEqual([]);
  });

  test('of four', () => {
    const tape = new RegisterTape();
    refreshed(tape, SITE, 4, 0, 60);
    expect(together(played(tape, 600))).toEqual([]);
  });
});
