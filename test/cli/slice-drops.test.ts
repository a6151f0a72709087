import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReportCall, ReportFinding } from '../../src/report/contract.ts';
import { buildCapture } from '../../src/synth/build.ts';
import type { CallSpec, Scenario } from '../../src/synth/scenario.ts';
import { concat, statistics } from '../capture/write-captures.ts';
import { build, earshot, Folder } from './earshot.ts';

const folder = new Folder();
beforeAll(build, 120_000);
afterAll(() => folder.remove());

interface Report {
  capture: { packets: number; trust: { verdict: string; reasons: { code: string; dropped?: number }[] } };
  calls: ReportCall[];
  findings: ReportFinding[];
}

function report(...files: string[]): Report {
  const { code, stdout } = earshot(['replay', ...files, '--json', '--no-payload']);
  expect(code).toBe(0);
  return JSON.parse(stdout) as Report;
}

/** What a report says of one call, and of what the capture lost by its own account. */
function story({ capture, calls, findings }: Report, callId: string) {
  const { verdict, heldBack } = calls.find((call) => call.callId === callId)!;
  const drops = capture.trust.reasons.filter(({ code }) => code === 'capture_drops');
  return {
    verdict,
    heldBack: heldBack.map(({ code, direction, reason }) => ({ code, direction, reason })),
    findings: findings.filter((finding) => finding.callId === callId).map(({ code, text }) => [code, text]),
    trust: capture.trust.verdict,
    drops,
  };
}

function file(name: string, ...parts: Uint8Array[]): string {
  const path = folder.at(name);
  writeFileSync(path, concat(...parts));
  return path;
}

function slice(name: string, files: readonly string[], ...options: string[]): string {
  const path = folder.at(name);
  expect(earshot(['slice', ...files, ...options, '-o', path])).toMatchObject({ code: 0 });
  return path;
}

const ID = 'the-call@example.com';
const AT = { fromMs: 8000, untilMs: 16_000 };
/** The call that is cut out, and others beside it: with more than a thousand packets a second for each that is lost. */
const among = (call: CallSpec, others: number): CallSpec[] => [
  { callId: ID, durationMs: 40_000, ...call },
  ...Array.from({ length: others }, (_, i) => ({ durationMs: 40_000, startMs: 130 * i })),
];
const randomLoss = { callerToCallee: { loss: { kind: 'random' as const, ratio: 0.2, ...AT } } };

/** Drops by the half for a moment every 20 s: what is lost then is the capture's own. */
const moments: Scenario = {
  calls: among({}, 3),
  capture: { countDrops: true, mirrorLoss: { everyMs: 20_000, forMs: 600, ratio: 0.5 } },
};
/** A packet lost now and then among thousands explains nothing of what a call lacks. */
const nowAndThen: Scenario = {
  calls: among(randomLoss, 24),
  capture: { countDrops: true, mirrorLoss: { everyMs: 250, forMs: 1, ratio: 0.001 } },
};
/** The capture loses packets of others while nothing of the call comes by: the network is to blame for that. */
const outage: Scenario = {
  calls: among({}, 12).map((call, i) => {
    if (i > 0) return call;
    const loss = { kind: 'random' as const, ratio: 1, fromMs: 15_000, untilMs: 24_000 };
    return {
      ...call,
      durationMs: 36_000,
      callerToCallee: { loss },
      calleeToCaller: { loss },
      rtcp: false as const,
    };
  }),
  capture: { countDrops: true, mirrorLoss: { everyMs: 21_000, forMs: 300, ratio: 0.5 } },
};

describe('a slice of a capture that lost packets, by its own account', () => {
  test.each([
    { name: 'in moments', scenario: moments, held: ['burst_loss', 'random_loss'], told: [] },
    { name: 'now and then among thousands', scenario: nowAndThen, held: [], told: ['random_loss'] },
    { name: 'beside an outage of the network', scenario: outage, held: [], told: ['media_interrupted'] },
  ])('has the verdict of the whole: $name', ({ name, scenario, held, told }) => {
    const whole = file(`${name}.pcapng`, buildCapture(scenario));
    const before = story(report(whole), ID);
    expect(before.drops.length).toBe(1);
    expect(before.heldBack.map(({ code }) => code)).toEqual(held);
    expect(before.findings.map(([code]) => code)).toEqual(expect.arrayContaining(told));
    const cut = slice(`${name}-cut.pcapng`, [whole], '--call', ID);
    expect(story(report(cut), ID)).toEqual(before);
    const again = slice(`${name}-again.pcapng`, [cut], '--call', ID);
    expect(story(report(again), ID)).toEqual(before);
  });

  test.each([
    ['too many to trust it', 0.5, 'untrusted'],
    ['few of all that it had', 0.005, 'degraded'],
  ])('carries on counts without a time: %s', (_, share, verdict) => {
    const scenario: Scenario = { calls: among(randomLoss, 12), capture: { countDrops: true } };
    const capture = buildCapture(scenario);
    const { packets } = report(file('counted.pcapng', capture)).capture;
    const byInterface = BigInt(Math.round(packets * share));
    const whole = file('counted.pcapng', capture, statistics(true, 0, { byInterface }));
    const before = story(report(whole), ID);
    expect(before.trust).toBe(verdict);
    expect(before.drops).toMatchObject([{ dropped: Number(byInterface) }]);
    expect(before.findings.map(([code]) => code).includes('random_loss')).toBe(verdict === 'degraded');
    expect(story(report(slice('counted-cut.pcapng', [whole], '--call', ID)), ID)).toEqual(before);
  });

  test('tells of all captures that it was cut out of, and a merge does, too', () => {
    const one = file('one.pcapng', buildCapture(moments));
    const calls = [{ durationMs: 30_000, callId: 'other@example.com' }, ...among({}, 6).slice(1)];
    const other = file('two.pcap', buildCapture({ seed: 2, calls }));
    const before = story(report(one, other), ID);
    expect(story(report(slice('both-cut.pcapng', [one, other], '--call', ID)), ID)).toEqual(before);
    const merged = report(slice('both.pcapng', [one, other]));
    expect(story(merged, ID)).toEqual(before);
  });

  test('says nothing of drops where the capture says nothing', () => {
    const { capture: _, ...quiet } = moments;
    const whole = file('quiet.pcap', buildCapture(quiet));
    const { capture } = report(slice('quiet-cut.pcapng', [whole], '--call', ID));
    expect(capture.trust).toEqual({ verdict: 'trusted', reasons: [] });
  });
});
