import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TapsComparison } from '../../src/taps/taps-contract.ts';
import { build, earshot } from '../cli/earshot.ts';
import { arrivals } from './lab/arrivals.ts';
import { Lab, titled, waitMs, whyNot } from './lab/lab.ts';
import { startCapture } from './lab/programs.ts';
import { boxed, inLab, PUBLIC, routeBothWays, sippCall, type Wires } from './lab/routed-call.ts';
import type { Impairment } from './middlebox/impairment.ts';
import type { BoxTruth, FlowTruth } from './middlebox/truth.ts';

/** The clock of the second tap is ahead by so much. */
const AHEAD_US = 3_700_250;
const VARIATION_MS = 0.5;

/** Captures on interfaces of the router while something happens; the files, by interface. */
async function files(
  lab: Lab,
  devices: readonly string[],
  happens: () => Promise<unknown>,
): Promise<string[]> {
  const captures = [];
  for (const device of devices) captures.push(await startCapture(lab, 'm', device));
  await happens();
  await waitMs(500);
  for (const { running } of captures) await running.stop('INT');
  return captures.map(({ file }) => file);
}

function compared(...captures: string[]): TapsComparison {
  const { code, stdout, stderr } = earshot(['compare', '--taps', '--json', ...captures]);
  if (code !== 0) throw new Error(`compare ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as TapsComparison;
}

/** The same capture from a machine whose clock is ahead. */
function ahead(file: string, byUs: number): void {
  const bytes = readFileSync(file);
  for (let at = 24; at + 16 <= bytes.length; at += 16 + bytes.readUInt32LE(at + 8)) {
    const us = bytes.readUInt32LE(at) * 1e6 + bytes.readUInt32LE(at + 4) + byUs;
    bytes.writeUInt32LE(Math.floor(us / 1e6), at);
    bytes.writeUInt32LE(us % 1e6, at + 4);
  }
  writeFileSync(file, bytes);
}

/** The media of one direction; sipp also sends single packets of another SSRC. */
function mainFlow({ flows }: BoxTruth, direction: FlowTruth['direction']): FlowTruth {
  const own = flows.filter((flow) => flow.direction === direction);
  return own.reduce((most, flow) => (flow.received > most.received ? flow : most));
}

/** What tshark reads in both captures, packet by packet: time from one to the other, ms. Numbers come once in a call. */
function transits(
  first: string,
  from: { ip: string; port: number },
  second: string,
  then: { ip: string; port: number },
): number[] {
  const came = new Map<number, number>();
  for (const { sequence, timeUs } of arrivals(first, from))
    if (!came.has(sequence)) came.set(sequence, timeUs);
  const left = new Map<number, number>();
  for (const { sequence, timeUs } of arrivals(second, then))
    if (!left.has(sequence)) left.set(sequence, timeUs);
  return [...left].flatMap(([sequence, timeUs]) => {
    const before = came.get(sequence);
    return before === undefined ? [] : [(timeUs - before) / 1000];
  });
}

/** How much each is above the least, by nearest rank. */
function variation(values: readonly number[]): { p50: number; p95: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1]! - sorted[0]!;
  return { p50: at(0.5), p95: at(0.95) };
}

/** The caller sits behind a router of its own, which marks media as EF and loses every fiftieth packet before any tap. */
const CALLER = '192.0.2.2';
const WIRES: Wires = { ...PUBLIC, caller: CALLER };
const BEFORE = `table ip before {
  chain forward { type filter hook forward priority 0; ip saddr ${CALLER} udp sport != 5060 ip dscp set ef
    ip saddr ${CALLER} udp sport != 5060 numgen inc mod 50 == 7 counter drop
  }
}
`;

async function behindRouter<Result>(run: (lab: Lab) => Promise<Result>): Promise<Result> {
  const lab = new Lab();
  try {
    await lab.open('a', 'l', 'm', 'b');
    lab.link('a', `${CALLER}/24`, 'l', '192.0.2.1/24');
    lab.link('l', '198.51.100.9/24', 'm', `${PUBLIC.routerLeft}/24`);
    lab.link('m', `${PUBLIC.routerRight}/24`, 'b', `${PUBLIC.callee}/24`);
    lab.forward('l');
    lab.route('a', 'default', '192.0.2.1');
    lab.route('m', '192.0.2.0/24', '198.51.100.9');
    lab.filter('l', BEFORE);
    return await run(lab);
  } finally {
    await lab.close();
  }
}

const HARM: { toRight: Impairment; toLeft: Impairment } = {
  toRight: {
    delayMs: 8,
    jitterMs: 12,
    lossRatio: 0.04,
    reorderRatio: 0.02,
    reorderMs: 50,
    duplicateRatio: 0.03,
  },
  toLeft: { delayMs: 5, jitterMs: 4 },
};

const reason = whyNot(['sipp', 'nft', 'tshark']);
describe.skipIf(reason !== null)(titled('two taps', reason), () => {
  beforeAll(build);

  test.concurrent('a box that loses, delays, overtakes, copies, remarks and rewrites', async () => {
    let truth: BoxTruth | null = null;
    const { two, one, dropped, wire } = await behindRouter(async (lab) => {
      const [inside, outside, both] = await files(lab, ['to-l', 'to-b', 'any'], async () => {
        truth = await boxed(lab, WIRES, HARM, () => sippCall(lab, WIRES, { via: PUBLIC.routerLeft }));
      });
      ahead(outside!, AHEAD_US);
      const box = {
        left: { ip: PUBLIC.routerLeft, port: 20_000 },
        right: { ip: PUBLIC.routerRight, port: 20_000 },
      };
      const ends = { caller: { ip: CALLER, port: 30_000 }, callee: { ip: PUBLIC.callee, port: 30_000 } };
      return {
        two: compared(inside!, outside!),
        one: compared(both!),
        dropped: lab.counted('l')[0]!,
        wire: {
          toRight: variation(transits(inside!, ends.caller, outside!, box.right)),
          toLeft: variation(transits(outside!, ends.callee, inside!, box.left)),
        },
      };
    });
    const [toRight, toLeft] = [mainFlow(truth!, 'toRight'), mainFlow(truth!, 'toLeft')];
    expect(toRight.dropped.length).toBeGreaterThan(5);

    for (const comparison of [two, one]) {
      const right = comparison.streams.find(({ first }) => first.src.startsWith(CALLER))!;
      const left = comparison.streams.find(({ first }) => first.src.startsWith(PUBLIC.callee))!;
      expect(comparison.streams).toHaveLength(2);
      // Of those the caller's machine dropped, the first tap can know but the ones between others.
      expect(right.senderToFirst.loss!.lost).toBeGreaterThanOrEqual(dropped - 1);
      expect(right.senderToFirst.loss!.lost).toBeLessThanOrEqual(dropped);
      expect(right.between).toMatchObject({
        lost: toRight.dropped.length,
        compared: toRight.received,
        onlyAtSecond: 0,
        reordered: toRight.reordered.length,
        duplicated: toRight.duplicated.length,
        dscp: [{ from: 46, to: 0, packets: toRight.received - toRight.dropped.length }],
        ssrcChanged: false,
        renumbered: false,
        payloadChanged: 0,
      });
      expect(left.between).toMatchObject({ lost: 0, compared: toLeft.received, reordered: 0, dscp: [] });
      expect([right.lossBy, left.lossBy]).toEqual(['between', 'none']);
      for (const [path, flow, onWire] of [
        [right, toRight, wire.toRight],
        [left, toLeft, wire.toLeft],
      ] as const) {
        const { p50, p95 } = path.between.addedDelayMs!;
        expect(Math.abs(p50 - onWire.p50)).toBeLessThan(VARIATION_MS);
        expect(Math.abs(p95 - onWire.p95)).toBeLessThan(VARIATION_MS);
        // What was planted; in its tail are also the times in which the box was not let on the processor.
        expect(Math.abs(p50 - variation(flow.staysMs).p50)).toBeLessThan(VARIATION_MS);
      }
    }
    expect(two.streams.map(({ first, second }) => [first.tap, second.tap]).sort()).toEqual([
      [1, 2],
      [2, 1],
    ]);
    const { offsetMs, uncertaintyMs } = two.clocks;
    expect(Math.abs(offsetMs! - AHEAD_US / 1000)).toBeLessThan(uncertaintyMs! + 0.1);
    expect(uncertaintyMs).toBeLessThan(5);

    const rewritten = two.signalling.rewrites.filter(({ usual }) => !usual);
    const examples = new Map(rewritten.map(({ part, name, examples }) => [`${part} ${name}`, examples]));
    expect([...examples.keys()].sort()).toEqual(['header contact', 'sdp c=', 'sdp m=audio']);
    expect(examples.get('sdp c=')).toContainEqual(
      expect.objectContaining({
        message: 'INVITE',
        firstTap: 1,
        secondTap: 2,
        first: `c=IN IP4 ${CALLER}`,
        second: `c=IN IP4 ${PUBLIC.routerRight}`,
      }),
    );
    expect(examples.get('header contact')).toContainEqual(
      expect.objectContaining({ message: '180 INVITE', firstTap: 2, secondTap: 1 }),
    );
    expect(two.signalling.viaAdded).toBe(0);
  });

  test.concurrent('one capture of a router that drops and remarks', async () => {
    const table = `table ip harm { chain forward { type filter hook forward priority 0;
      ip saddr ${PUBLIC.caller} udp sport != 5060 numgen inc mod 25 == 3 counter drop
      ip saddr ${PUBLIC.caller} udp sport != 5060 ip dscp set cs1
    }
  }
  `;
    const { comparison, counted, two } = await inLab(PUBLIC, async (lab) => {
      routeBothWays(lab, PUBLIC);
      lab.filter('m', table);
      const captures = await files(lab, ['any', 'to-a', 'to-b'], () => sippCall(lab, PUBLIC));
      return {
        comparison: compared(captures[0]!),
        two: compared(captures[2]!, captures[1]!),
        counted: lab.counted('m')[0]!,
      };
    });
    for (const [each, taps] of [
      [comparison, [1, 1]],
      [two, [2, 1]],
    ] as const) {
      const right = each.streams.find(({ first }) => first.src.startsWith(PUBLIC.caller))!;
      expect(each.streams).toHaveLength(2);
      expect([right.first.tap, right.second.tap]).toEqual(taps);
      expect(right.between).toMatchObject({ lost: counted, onlyAtSecond: 0, hops: 1, duplicated: 0 });
      expect(right.between.dscp).toEqual([{ from: 0, to: 8, packets: right.between.paired }]);
      const left = each.streams.find(({ first }) => first.src.startsWith(PUBLIC.callee))!;
      expect(left.between).toMatchObject({ lost: 0, dscp: [], hops: 1 });
      expect(each.signalling.rewrites).toEqual([]);
    }
    expect(two.streams.map(({ orderBy }) => orderBy)).toEqual(['ttl', 'ttl']);
  });
});
