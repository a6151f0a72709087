import { describe, expect, it } from 'vitest';
import { CallLoad } from '../../src/calls/call-load.ts';
import { SignallingRatios } from '../../src/calls/signalling-ratios.ts';
import type {
  RegistrationRecord,
  SignallingRecord,
  TrunkRecord,
} from '../../src/records/signalling-record.ts';
import { renderCall } from '../../src/report/call-view.ts';
import { parseFilter } from '../../src/report/filter.ts';
import { writeJson } from '../../src/report/json.ts';
import { RecordStore } from '../../src/report/record-store.ts';
import { type Criteria, select } from '../../src/report/selection.ts';
import { renderTable } from '../../src/report/table.ts';
import { call, capture, finding, START_US, signalling } from './records.ts';

const TOOL = { name: 'earshot', version: '1' };

function figures(): SignallingRecord {
  const ratios = new SignallingRatios();
  ratios.add(call());
  ratios.add(call({ signalling: signalling({ retransmissions: 2 }) }));
  for (const code of [503, 503, 486]) ratios.add(call({ state: 'failed', finalCode: code, answerUs: null }));
  ratios.addRegistration('succeeded', 24);
  ratios.addRegistration('succeeded', 26);
  ratios.addRegistration('failed', null);
  const load = new CallLoad();
  load.peak = 2;
  load.peakUs = START_US;
  return ratios.result(load, 1);
}

function trunk(changes: Partial<TrunkRecord> = {}): TrunkRecord {
  return {
    id: 't1',
    src: { ip: '192.0.2.1', port: 5060 },
    dst: { ip: '203.0.113.9', port: 5060 },
    host: 'trunk.example.net',
    party: null,
    state: 'down',
    startUs: START_US,
    endUs: START_US + 60e6,
    requests: 10,
    answered: 7,
    unanswered: 3,
    retransmissions: 21,
    lastStatus: 200,
    intervalMs: 6000,
    delay: { count: 7, meanMs: 20, p50Ms: 20.12345, p95Ms: 30, maxMs: 40 },
    transitions: [
      { timeUs: START_US, state: 'up' },
      { timeUs: START_US + 42e6, state: 'down' },
    ],
    downMs: 18_000,
    ...changes,
  };
}

function registration(changes: Partial<RegistrationRecord> = {}): RegistrationRecord {
  return {
    id: 'r1',
    aor: 'sip:alice@example.com',
    contact: 'sip:alice@192.0.2.7',
    source: '192.0.2.7',
    registrar: { ip: '203.0.113.5', port: 5060 },
    transport: 'UDP',
    userAgent: 'Phone/1',
    state: 'expired',
    startUs: START_US,
    registeredUs: START_US + 24_000,
    refreshedUs: START_US + 24_000,
    expiresUs: START_US + 60_024_000,
    expiresS: 60,
    attempts: 1,
    succeeded: 1,
    failed: 0,
    unanswered: 0,
    returns: 0,
    losses: 1,
    retransmissions: 0,
    redirected: 0,
    redirectedTo: [],
    finalCode: 200,
    delayMs: { mean: 24.00051, max: 24.00051 },
    ...changes,
  };
}

const lost = finding({
  code: 'registration_lost',
  severity: 'warning',
  callId: null,
  streamId: null,
  direction: null,
  text: 'registration of sip:alice@example.com expired',
  party: 'sip:alice@example.com',
});

function filled(): RecordStore {
  const records = new RecordStore();
  records.call(call({ from: 'sip:alice@example.com', to: 'sip:bob@example.com' }));
  records.registration(registration());
  records.registration(
    registration({
      id: 'r2',
      aor: 'sip:carol@example.com',
      contact: 'sip:c@198.51.100.3',
      source: '198.51.100.3',
    }),
  );
  records.trunk(trunk());
  records.trunk(trunk({ id: 't2', state: 'up', downMs: 0, src: { ip: '192.0.2.2', port: 5060 } }));
  records.finding(lost);
  return records;
}

function table(records: RecordStore, criteria?: Criteria): string {
  const selection = criteria === undefined ? {} : { selection: select(records, criteria) };
  return [
    ...renderTable({ tool: TOOL, capture: capture(), signalling: figures(), records, ...selection }),
  ].join('');
}

interface Json {
  signalling: SignallingRecord | null;
  registrations: Record<string, unknown>[];
  registrationsLeftOut: number;
  trunks: Record<string, unknown>[];
  findings: { code: string; party: string | null }[];
}

function json(records: RecordStore, criteria: Criteria = {}): Json {
  let text = '';
  const selection = select(records, criteria);
  const report = { tool: TOOL, capture: capture(), signalling: figures(), records, selection };
  writeJson(report, (chunk) => {
    text += chunk;
  });
  return JSON.parse(text) as Json;
}

describe('the table', () => {
  it('counts what a list of calls does not show', () => {
    const counts = { emergencyCalls: 1, shortCalls: 20, droppedCalls: 2, retries: 19, loops: 0 };
    const told = { ...figures(), ...counts };
    const lines = [
      ...renderTable({ tool: TOOL, capture: capture(), signalling: told, records: filled() }),
    ].join('');
    expect(lines).toContain(
      '  notable     1 emergency call, 20 short calls, 2 dropped calls, 19 attempts again at what had just failed\n',
    );
    expect(table(filled())).not.toContain('notable');
  });

  it('tells signalling in a few lines', () => {
    expect(table(filled())).toContain(`
SIGNALLING, as seen at this point
  attempts    5, 2 answered: ASR 40.0 %, NER 60.0 %, SER 40.0 %, SEER 60.0 %, ISA 40.0 %, SCR 40.0 %; at most 2 calls at once (03:04:05.123)
  delays      post-dial p50 0.81 s, p95 0.81 s; ringing p50 3.31 s, p95 3.31 s; teardown p50 0.01 s, p95 0.01 s; mean call 15.9 s (ACD)
  codes       503 2 times, 486 once
  repeated    2 retransmissions, 15 requests
  registered  1 now; 2 attempts succeeded (p50 0.02 s, p95 0.03 s), 1 failed (IRA 33.3 %)
`);
  });

  it('names trunks that were down, and what is wrong with registrations', () => {
    const text = table(filled());
    expect(text).toContain('TRUNKS, 1 not always up');
    expect(text).toContain(
      't1          192.0.2.1 to 203.0.113.9 port 5060: DOWN since 03:04:47.123; 7 of 10 OPTIONS answered, p50 0.02 s, p95 0.03 s, last answer 200',
    );
    expect(text).not.toContain('192.0.2.2');
    expect(text).toContain('warning: registration of sip:alice@example.com expired [registration_lost]');
  });

  it('leaves the figures of the whole capture out beside a part of it', () => {
    expect(table(filled(), { worst: 1 })).not.toContain('SIGNALLING');
  });

  it('says nothing where nothing was signalled', () => {
    const ratios = new SignallingRatios().result(new CallLoad(), 0);
    const report = { tool: TOOL, capture: capture(), signalling: ratios, records: new RecordStore() };
    expect([...renderTable(report)].join('')).not.toContain('SIGNALLING');
  });
});

describe('scans', () => {
  it('are said beside the figures that they are not in', () => {
    const ratios = new SignallingRatios();
    ratios.add(
      call({ state: 'failed', finalCode: 404, answerUs: null, signalling: signalling({ ofScan: true }) }),
    );
    ratios.addRegistration('ofScan', null);
    const report = {
      ...{ tool: TOOL, capture: capture(), records: new RecordStore() },
      signalling: ratios.result(new CallLoad(), 0),
    };
    const text = [...renderTable(report)].join('');
    expect(text).toContain('1 call of scans, in no figure above');
    expect(text).toContain('0 failed, and 1 of scans or guessing');
    expect(text).not.toContain('ASR');
  });
});

describe('JSON', () => {
  it('has figures, registrations and trunks, times as ISO 8601', () => {
    const { signalling: figuresRead, registrations, trunks, registrationsLeftOut } = json(filled());
    expect(figuresRead).toMatchObject({
      vantage: 'midpoint',
      attempts: 5,
      ratios: { asr: { numerator: 2, denominator: 5, ratio: 0.4 } },
      peakCalls: { calls: 2, time: '2026-01-02T03:04:05.123456Z' },
      registrations: { attempts: 3, succeeded: 2, failed: 1, active: 1 },
    });
    expect(registrations).toHaveLength(2);
    expect(registrations[0]).toMatchObject({
      aor: 'sip:alice@example.com',
      startTime: '2026-01-02T03:04:05.123456Z',
      expiresTime: '2026-01-02T03:05:05.147456Z',
      delayMs: { mean: 24.001, max: 24.001 },
    });
    expect(registrations[0]).not.toHaveProperty('startUs');
    expect(trunks[0]).toMatchObject({
      state: 'down',
      delay: { p50Ms: 20.123 },
      transitions: [{ state: 'up' }, { time: '2026-01-02T03:04:47.123456Z', state: 'down' }],
    });
    expect(registrationsLeftOut).toBe(0);
  });

  it('is bounded, and says by how much', () => {
    const records = new RecordStore();
    for (let i = 0; i < 10_003; i++) records.registration(registration({ id: `r${i + 1}` }));
    const { registrations, registrationsLeftOut } = json(records);
    expect(registrations).toHaveLength(10_000);
    expect(registrationsLeftOut).toBe(3);
  });

  const asked: [Criteria & { text?: string }, string[], number, number][] = [
    [{ call: 0 }, ['sip:alice@example.com'], 1, 0],
    [{ text: '198.51.100.0/24' }, ['sip:carol@example.com'], 0, 0],
    [{ text: 'alice' }, ['sip:alice@example.com'], 1, 0],
    [{ text: '192.0.2.2' }, [], 0, 1],
    [{ worst: 1 }, ['sip:alice@example.com', 'sip:carol@example.com'], 1, 2],
  ];

  it.each(asked)('keeps to what was asked for: %j', ({ text, ...criteria }, aors, findings, trunks) => {
    const parsed = parseFilter(text ?? 'x');
    if (!parsed.ok) throw new Error(parsed.message);
    const chosen: Criteria = text === undefined ? criteria : { filter: parsed.filter };
    const found = json(filled(), chosen);
    expect(found.registrations.map(({ aor }) => aor)).toEqual(aors);
    expect(found.findings).toHaveLength(findings);
    expect(found.trunks).toHaveLength(trunks);
  });
});

describe('one call', () => {
  it('tells what is out of the ordinary about its signalling', () => {
    const records = new RecordStore();
    const unusual = signalling({
      tries: 2,
      refusals: [407],
      retryOf: 'before@pbx',
      forks: 2,
      loops: 3,
      retransmissions: 1,
      reliableProvisional: true,
      emergency: { service: '112', location: false },
      assertedIdentity: 'sip:+4930@net',
      diversions: ['sip:b@x (no-answer)'],
      dscp: { caller: [24, 0], callee: [] },
      redirectedTo: ['sip:c@x'],
      sessionTimer: { seconds: 1800, refresher: 'callee', refreshes: 1 },
      release: {
        method: 'BYE',
        reasons: [{ protocol: 'Q.850', cause: 16, text: 'Terminated' }],
        q850Cause: 16,
      },
      transfers: [
        {
          by: 'caller',
          startUs: START_US,
          target: 'sip:d@x',
          replaces: 'other',
          referStatus: 202,
          notifyStatus: 486,
          outcome: 'failed',
        },
      ],
    });
    records.call(call({ signalling: unusual, conversationId: 'c1', legs: ['leg@sbc'] }));
    const text = [...renderCall({ tool: TOOL, capture: capture(), records }, 0)].join('');
    for (const line of [
      'emergency   112, without location',
      'identity    sip:+4930@net',
      'devices     Phone/1 calls PBX/2',
      'attempt     2 INVITEs (refused before with 407), tries again after before@pbx failed, forked, 2 dialogs, loop: the INVITE came by 4 times, 1 retransmission, provisional responses acknowledged (PRACK), rang for 3.3 s',
      'ended by    BYE: Q.850 16 "Terminated"',
      'diverted    sip:b@x (no-answer)',
      'redirected  to sip:c@x',
      'marking     SIP from the caller CS3 (24), DSCP 0, from the callee not seen',
      'session     1800 s, to be refreshed by the callee, refreshed once',
      'transfers   by the caller to sip:d@x (attended): failed (202, 486)',
      'legs        conversation c1, with leg@sbc',
    ]) {
      expect(text).toContain(`  ${line}\n`);
    }
  });

  it('says once how both sides mark signalling, and nothing where nobody does', () => {
    const marking = (caller: number[], callee: number[]): string | undefined => {
      const records = new RecordStore();
      records.call(call({ signalling: signalling({ dscp: { caller, callee } }) }));
      const text = [...renderCall({ tool: TOOL, capture: capture(), records }, 0)].join('');
      return /marking +(.*)/.exec(text)?.[1];
    };
    expect(marking([26], [26])).toBe('SIP AF31 (26)');
    expect(marking([0], [0])).toBeUndefined();
  });

  it('neutralises what came from the wire', () => {
    const records = new RecordStore();
    const hostile = '\x1b[31mPhone\u202e';
    records.call(call({ signalling: signalling({ userAgents: { caller: hostile, callee: null } }) }));
    const text = [...renderCall({ tool: TOOL, capture: capture(), records }, 0)].join('');
    expect(text).toContain('devices     \\x1b[31mPhone\\u202e calls unknown');
  });
});
