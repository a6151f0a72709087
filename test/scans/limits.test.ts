import { describe, expect, test } from 'vitest';
import type { FindingRecord } from '../../src/records/types.ts';
import { InOrder } from '../../src/scans/in-order.ts';
import { agentKind } from '../../src/scans/scanner-agents.ts';
import { Scans } from '../../src/scans/scans.ts';
import type { Hop } from '../../src/sip/hop.ts';
import { parseSipMessage } from '../../src/sip/message.ts';

const AGENT = 'friendly-scanner';

function hop(src: number, dst: number): Hop {
  const mapped = { src0: 0, src1: 0, src2: 0xffff, dst0: 0, dst1: 0, dst2: 0xffff };
  return { ...mapped, src3: src, dst3: dst, srcPort: 5060, dstPort: 5060, input: 0, tos: 0 };
}

/** Scans that are given requests one by one. */
function bench(): { scans: Scans; told: FindingRecord[]; ask: (n: Asked) => void } {
  const told: FindingRecord[] = [];
  const scans = new Scans({ scanFinding: (finding) => told.push(finding), isGuessing: () => false });
  let asked = 0;
  const ask = ({ method = 'INVITE', src, dst = 1, user, atS, agent, answer }: Asked): void => {
    const id = ++asked;
    const read = (start: string, tag: string): void => {
      const text = [
        ...[
          start,
          `Via: SIP/2.0/UDP h;branch=z9hG4bK${id}`,
          'From: <sip:x@h>;tag=1',
          `To: <sip:${user}@h>${tag}`,
        ],
        ...[
          `Call-ID: ${id}`,
          `CSeq: 1 ${method}`,
          `User-Agent: ${agent ?? 'Any/1'}`,
          'Content-Length: 0',
          '',
          '',
        ],
      ].join('\r\n');
      const bytes = new TextEncoder().encode(text);
      const result = parseSipMessage(bytes, 0, bytes.length, {});
      if (!result.ok) throw new Error(result.reason);
      const way = result.message.kind === 'request' ? hop(src, dst) : hop(dst, src);
      scans.message(result.message, atS * 1e6, way);
    };
    read(`${method} sip:${user}@h SIP/2.0`, '');
    if (answer !== undefined) read(`SIP/2.0 ${answer} Reason`, ';tag=2');
  };
  return { scans, told, ask };
}

interface Asked {
  method?: string;
  src: number;
  dst?: number;
  user: string;
  atS: number;
  agent?: string;
  answer?: number;
}

describe('over days', () => {
  test('a scan is told without any further packet, and forgotten after an hour', () => {
    const { scans, told, ask } = bench();
    for (let i = 0; i < 30; i++) ask({ src: 7, user: String(100 + i), atS: i, answer: 404 });
    scans.sweep(40e6);
    expect(told).toEqual([]);
    for (let s = 60; s < 200; s++) scans.sweep(s * 1e6);
    expect(told).toHaveLength(1);
    expect(scans.isScan('0.0.0.7', 'Any/1', 20e6)).toBe(true);
    scans.sweep(4000e6);
    expect(scans.isScan('0.0.0.7', 'Any/1', 20e6)).toBe(false);
  });

  test('one that goes on for days is told once within an hour of silence', () => {
    const { scans, told, ask } = bench();
    for (let i = 0; i < 5000; i++) {
      ask({ src: 7, user: String(100 + i), atS: i * 60, answer: 404 });
      scans.sweep(i * 60e6);
    }
    expect(told).toHaveLength(1);
  });

  test('who asks now and then for one number is forgotten before it is many', () => {
    const { scans, told, ask } = bench();
    for (let i = 0; i < 100; i++) {
      ask({ src: 7, user: String(100 + i), atS: i * 900, answer: 404 });
      scans.sweep((i * 900 + 899) * 1e6);
    }
    expect(told).toEqual([]);
  });
});

describe('a flood', () => {
  test('of hosts: room for few of them, and findings for as many as people can read', () => {
    const { scans, told, ask } = bench();
    for (let i = 0; i < 20_000; i++)
      ask({ method: 'OPTIONS', src: 1000 + i, user: 'x', atS: i / 100, agent: AGENT });
    for (let s = 200; s < 400; s++) scans.sweep(s * 1e6);
    scans.finish();
    expect(told).toHaveLength(256);
    ask({ src: 5, user: 'x', atS: 9000, agent: AGENT });
    scans.finish();
    expect(told.at(-1)!.evidence).toMatchObject({ source: '0.0.0.5', notTold: 20_000 - 256 });
  });

  test('of users by many hosts: what finds no room is counted', () => {
    const { scans, ask } = bench();
    for (let host = 0; host < 150; host++) {
      for (let i = 0; i < 1000; i++) ask({ src: 1000 + host, user: String(100 + i), atS: host });
    }
    // Hosts without room for their target are counted with each request.
    expect(scans.refused).toBeGreaterThanOrEqual(150 * 1001 - 131_072);
    const { refused } = scans;
    scans.sweep(8000e6);
    ask({ src: 5, user: '1', atS: 8001 });
    expect(scans.refused).toBe(refused);
  });
});

test('a host is trusted for what it was told, not for answers to what nobody asked', () => {
  const { scans, ask } = bench();
  ask({ src: 9, dst: 7, user: 'ping', atS: 0 });
  for (let i = 0; i < 30; i++) ask({ src: 7, user: String(100 + i), atS: 10 + i, answer: 404 });
  scans.sweep(60e6);
  expect(scans.isScan('0.0.0.7', 'Any/1', 20e6)).toBe(true);
});

test.each([
  ['friendly-scanner', 'scanner'],
  ['sipvicious', 'scanner'],
  ['sip-scan 0.1', 'scanner'],
  ['sipcli/v1.8', 'hint'],
  ['pplsip', 'hint'],
  ['VaxSIPUserAgent/3.1', 'hint'],
  ['Grandstream GXP2160 1.0', null],
  ['not a friendly-scanner', null],
  [null, null],
])('%s', (agent, kind) => {
  expect(agentKind(agent)).toBe(kind);
});

test.each([
  [['100', '101', '102', '103'], 3],
  [['103', '102', '100'], 2],
  [['00442055501234', '900442055501234', '+442055501234'], 2],
  [['100', '250', '101', '400'], 0],
  [['100', '0101'], 0],
  [['alice', 'bob'], 0],
  [['900000000000000000001', '900000000000000000002'], 0],
])('%j: %i follow from the one before', (users, steps) => {
  const order = new InOrder();
  for (const user of users) order.addUser(user);
  expect(order.steps).toBe(steps);
});
