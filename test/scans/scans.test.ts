import { describe, expect, test } from 'vitest';
import type { FindingRecord } from '../../src/records/types.ts';
import type { Replayed } from '../engine/replayed.ts';
import { hostOf, type Knock, PBX, ScanTape, STRANGER } from './scan-tape.ts';

const AGENT = 'friendly-scanner';
const OVER_MS = 200_000;

/** Plays knocks `everyMs` apart, and time that passes behind them. */
function play(
  knocks: readonly Knock[],
  everyMs = 100,
  before: (tape: ScanTape) => void = () => {},
): Replayed {
  const tape = new ScanTape();
  before(tape);
  for (const [i, each] of knocks.entries()) tape.knock(1000 + i * everyMs, each);
  for (let ms = 1000; ms < knocks.length * everyMs + OVER_MS; ms += 1000) tape.idle(ms);
  return tape.play();
}

function many(count: number, of: (i: number) => Knock): Knock[] {
  return Array.from({ length: count }, (_, i) => of(i));
}

const scans = ({ findings }: Replayed): FindingRecord[] => findings.filter(({ code }) => code === 'sip_scan');
const codes = ({ findings }: Replayed): string[] => [...new Set(findings.map(({ code }) => code))].sort();

const extension = (i: number): string => String(100 + i);
const invite = (i: number, more: Partial<Knock> = {}): Knock => {
  return { method: 'INVITE', user: extension(i), answers: [[404], [403], [404], [401]][i % 4]!, ...more };
};
const register = (i: number, more: Partial<Knock> = {}): Knock => {
  return { method: 'REGISTER', user: extension(i), answers: [404], ...more };
};
const options = (i: number, more: Partial<Knock> = {}): Knock => {
  return { method: 'OPTIONS', user: '100', to: hostOf(i), answers: null, ...more };
};

describe('OPTIONS to many hosts', () => {
  test('by a program for scans: one finding', () => {
    const played = play(
      many(200, (i) => options(i, { agent: AGENT, answers: i % 20 === 0 ? [200] : null })),
      20,
    );
    expect(codes(played)).toEqual(['sip_scan']);
    expect(scans(played)).toHaveLength(1);
    expect(scans(played)[0]).toMatchObject({
      severity: 'info',
      callId: null,
      text: '203.0.113.66 looked for SIP with a program for scans: OPTIONS 200 for 200 hosts within 4 s; 10 hosts answered (200 10 times)',
      evidence: {
        source: STRANGER.ip,
        userAgent: AGENT,
        scannerAgent: true,
        methods: 'OPTIONS 200',
        hosts: 200,
        hostsAnswered: 10,
        users: 0,
        letIn: null,
        spanMs: 3980,
        isCut: false,
      },
    });
  });

  test('by an unknown program: hosts in a row that are not asked again', () => {
    expect(scans(play(many(60, (i) => options(i))))[0]).toMatchObject({
      evidence: { scannerAgent: false, userAgent: null, hosts: 60, hostsAnswered: 0, answers: null },
    });
  });

  test('of hosts that answer, a border element that looks after its peers', () => {
    const peers = many(30, (i) => options(i * 7, { answers: [200] }));
    expect(codes(play([...peers, ...peers, ...peers], 700))).toEqual([]);
  });

  test('of the same peers while all of them are gone', () => {
    const peers = many(30, (i) => options(i, { from: PBX }));
    expect(codes(play([...peers, ...peers, ...peers], 2000))).toEqual([]);
  });

  test('of ten hosts once a minute, as monitoring does', () => {
    expect(codes(play(Array.from({ length: 20 }, () => many(10, (i) => options(i))).flat(), 6000))).toEqual(
      [],
    );
  });
});

describe('INVITE to many numbers', () => {
  test('calls of a scan are in no ratio, and say why nothing is told of them', () => {
    const honest = (tape: ScanTape): void => {
      const from = { ip: '192.0.2.50', port: 5060 };
      for (let i = 0; i < 5; i++)
        tape.knock(i * 100, { method: 'INVITE', user: `30${i}`, from, answers: [180, 200] });
    };
    const played = play(many(150, invite), 100, honest);
    expect(codes(played)).toEqual(['sip_scan']);
    expect(scans(played)[0]).toMatchObject({
      severity: 'warning',
      evidence: {
        methods: 'INVITE 150',
        users: 150,
        hosts: 1,
        hostsAnswered: 1,
        usersTold: 37,
        answers: '404 75 times, 403 38 times, 401 37 times',
        callsLeftOut: 150,
        callsToldBefore: 0,
      },
    });
    const { signalling, calls } = played;
    expect(signalling).toMatchObject({
      attempts: 5,
      answered: 5,
      unresolved: 0,
      ofScans: 150,
      finalCodes: { 200: 5 },
    });
    const refused = calls.filter(({ state }) => state === 'failed');
    expect(refused).toHaveLength(150);
    expect(refused.every(({ signalling }) => signalling.ofScan)).toBe(true);
    expect(refused.every(({ verdict, findings }) => verdict === 'healthy' && findings.length === 0)).toBe(
      true,
    );
    expect(refused[0]!.heldBack).toEqual([
      { code: 'setup_failed', streamId: null, direction: null, reason: 'sip_scan' },
    ]);
  });

  test('within a second, judged before anything else is known', () => {
    const played = play(
      many(2000, (i) => invite(i, { user: String(10_000 + i), answers: [404] })),
      2,
    );
    expect(codes(played)).toEqual(['sip_scan']);
    expect(played.signalling).toMatchObject({ attempts: 0, ofScans: 2000 });
    expect(scans(played)[0]!.evidence).toMatchObject({ users: 1024, isCut: true, callsLeftOut: 2000 });
  });

  test('so slowly that the first are told before: it says how many', () => {
    const [scan] = scans(
      play(
        many(40, (i) => invite(i, { answers: [404] })),
        10_000,
      ),
    );
    expect(scan!.evidence).toMatchObject({ users: 40, callsLeftOut: 23, callsToldBefore: 17 });
  });

  test('that nobody answers, by a program for scans', () => {
    const played = play(many(10, (i) => invite(i, { agent: AGENT, answers: null })));
    expect(codes(played)).toEqual(['sip_scan']);
    expect(played.signalling).toMatchObject({ attempts: 0, ofScans: 10 });
  });

  test('that nobody answers, by anybody: the server may be down', () => {
    const asked = (tape: ScanTape): void => tape.knock(0, options(0, { answers: [200] }));
    const played = play(
      many(40, (i) => invite(i, { answers: null })),
      100,
      asked,
    );
    expect(codes(played)).toEqual(['setup_timeout']);
  });

  test('with everybody called by his own name', () => {
    const names = many(30, (i) => invite(0, { user: `n${i}x`, caller: `n${i}x`, answers: [404] }));
    expect(codes(play(names))).toEqual(['sip_scan']);
  });

  test('without order: a trunk that is refused looks like that', () => {
    const played = play(
      many(40, (i) => invite(i, { user: `0${(i * 7_919_317) % 90_000_017}`, answers: [403] })),
    );
    expect(codes(played)).toEqual(['setup_failed']);
    expect(played.signalling).toMatchObject({ attempts: 40, ofScans: 0 });
  });

  test('the same by a program that scans are often made with', () => {
    const agent = 'sipcli/v1.8';
    const odd = many(40, (i) =>
      invite(i, { agent, user: `0${(i * 7_919_317) % 90_000_017}`, answers: [403] }),
    );
    expect(codes(play(odd))).toEqual(['sip_scan']);
  });

  test('by a host that is asked itself: a border element whose route is broken', () => {
    const asked = (tape: ScanTape): void => {
      tape.knock(0, { method: 'OPTIONS', user: 'ping', from: PBX, to: STRANGER, answers: [200] });
    };
    expect(
      codes(
        play(
          many(60, (i) => invite(i, { answers: [404] })),
          100,
          asked,
        ),
      ),
    ).toEqual(['setup_failed']);
  });

  test('by a dialler: 300 calls in order, of which two in five fail', () => {
    const said = [[180, 200], [404], [180, 200], [486], [180, 200], [480], [100, 183, 200]];
    const played = play(many(300, (i) => invite(i, { answers: said[i % 7]! })));
    expect(scans(played)).toEqual([]);
    expect(played.signalling).toMatchObject({ attempts: 300, ofScans: 0 });
  });

  test('by a dialler that starts forty at once, each challenged first', () => {
    const tape = new ScanTape();
    for (let i = 0; i < 40; i++) {
      const call: Knock = { ...invite(i), callId: `dial-${i}` };
      tape.knock(i, { ...call, answers: [407] });
      tape.knock(1000 + i, { ...call, cseq: 2, credentials: true, answers: [100, 180, 200] });
    }
    for (let s = 0; s < 120; s++) tape.idle(s * 1000);
    expect(scans(tape.play())).toEqual([]);
  });
});

describe('REGISTER for many users', () => {
  test('fast: told once, as password guessing', () => {
    const played = play(many(100, register));
    expect(played.findings.map(({ code, evidence }) => [code, evidence.bruteForce])).toEqual([
      ['registration_failed', true],
    ]);
    // The first twenty might have been a telephone's.
    expect(played.signalling.registrations).toMatchObject({ attempts: 20, failed: 20, ofScans: 80 });
  });

  test('slowly, by a program for scans: no failures of registrations', () => {
    const played = play(
      many(30, (i) => register(i, { agent: AGENT })),
      10_000,
    );
    expect(codes(played)).toEqual(['sip_scan']);
    expect(played.signalling.registrations).toMatchObject({ attempts: 0, failed: 0, ofScans: 30 });
  });

  test('telephones that come back after an outage', () => {
    const phones = many(100, (i) =>
      register(i, { from: hostOf(i, '192.0'), callId: `phone-${i}`, answers: [401] }),
    );
    const again = phones.map((each) => ({ ...each, cseq: 2, credentials: true, answers: [200] }));
    const tape = new ScanTape();
    for (const [i, each] of phones.entries()) {
      tape.knock(i * 30, each);
      tape.knock(i * 30 + 20, again[i]!);
    }
    for (let s = 0; s < 50; s++) tape.idle(s * 1000);
    expect(codes(tape.play())).toEqual([]);
  });

  test('the same behind one NAT', () => {
    const tape = new ScanTape();
    for (let i = 0; i < 100; i++) {
      const phone: Knock = register(i, {
        from: { ip: '203.0.113.9', port: 20_000 + i },
        callId: `phone-${i}`,
      });
      tape.knock(i * 30, { ...phone, answers: [401] });
      tape.knock(i * 30 + 2000, { ...phone, cseq: 2, credentials: true, answers: [200] });
    }
    for (let s = 0; s < 50; s++) tape.idle(s * 1000);
    expect(codes(tape.play())).toEqual([]);
  });
});

describe('what was let in', () => {
  test('an INVITE that is answered after hundred that were not', () => {
    const played = play([...many(100, invite), invite(100, { answers: [200] })]);
    expect(scans(played)).toHaveLength(1);
    expect(scans(played)[0]).toMatchObject({ severity: 'critical', evidence: { letIn: 'INVITE 200' } });
    expect(scans(played)[0]!.text).toContain('it was let in: INVITE 200');
    const answered = played.calls.filter(({ state }) => state !== 'failed');
    expect(answered.map(({ signalling }) => signalling.ofScan)).toEqual([false]);
  });

  test('a REGISTER that succeeds', () => {
    const guesses = many(30, (i) => register(i, { agent: AGENT, answers: [401] }));
    const played = play([...guesses, register(30, { agent: AGENT, credentials: true, answers: [200] })]);
    expect(scans(played).map(({ severity, evidence }) => [severity, evidence.letIn])).toEqual([
      ['critical', 'REGISTER 130'],
    ]);
  });

  test('long after the scan was told: told again', () => {
    const tape = new ScanTape();
    for (let i = 0; i < 40; i++) tape.knock(i * 100, invite(i));
    tape.knock(300_000, invite(41, { answers: [200] }));
    for (let s = 0; s < 400; s++) tape.idle(s * 1000);
    expect(scans(tape.play()).map(({ severity }) => severity)).toEqual(['warning', 'critical']);
  });

  test('a telephone that shares its address with a program for scans is none of its business', () => {
    const scan = many(30, (i) => invite(i, { agent: AGENT }));
    const phone = invite(0, { user: '555', agent: 'Desk/1', answers: [180, 200] });
    const failing = invite(0, { user: '556', agent: 'Desk/1', answers: [503] });
    const played = play([...scan, phone, failing]);
    expect(codes(played)).toEqual(['setup_failed', 'sip_scan']);
    expect(scans(played)[0]).toMatchObject({ severity: 'warning', evidence: { letIn: null } });
    expect(played.signalling).toMatchObject({ attempts: 2, answered: 1, ofScans: 30 });
  });
});

test('a scan that tries an emergency number calls no help', () => {
  const played = play(many(60, (i) => invite(i, { user: String(90 + i), answers: [404] })));
  expect(codes(played)).toEqual(['sip_scan']);
  expect(played.calls.filter(({ signalling }) => signalling.emergency !== null)).toHaveLength(1);
});
