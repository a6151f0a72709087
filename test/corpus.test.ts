import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCapture } from '../src/capture/open.ts';
import { Engine } from '../src/engine/engine.ts';
import type { CallRecord, StreamRecord } from '../src/records/types.ts';

/**
 * Real captures that nobody here wrote, beside what tshark says of them. They are not part of this repository: the
 * tests run where the folder is present. Where we differ from tshark, docs/accuracy.md says who is right and why.
 */
const folder = resolve(import.meta.dirname, '../../shared/pcaps');
const present = existsSync(folder);

interface TsharkStream {
  src: string;
  sport: number;
  dst: string;
  dport: number;
  ssrc: string;
  packets: number;
  mean_jitter_ms: number;
  max_jitter_ms: number;
}

interface Counted {
  src: string;
  sport: number;
  dst: string;
  dport: number;
  ssrc: string;
  payload_types: Record<string, number>;
  unique: number;
  duplicates: number;
  late_or_reordered: number;
  missing: number;
}

interface Reference {
  rtp_streams_default: TsharkStream[];
  rtp_streams_forced: TsharkStream[];
  calc: Counted[];
  capinfos?: { packets: number };
  frames_default: { sip?: number; rtcp?: number };
  sip?: { invite_call_ids: number };
}

interface Run {
  streams: Map<string, StreamRecord>;
  calls: CallRecord[];
  account: ReturnType<Engine['account']>;
  problems: string[];
}

function run(file: string): Run {
  const streams = new Map<string, StreamRecord>();
  const calls: CallRecord[] = [];
  const engine = new Engine({
    stream: (record) => streams.set(keyOf(record.src, record.dst, record.ssrc), record),
    call: (record) => calls.push(record),
    finding: () => {},
  });
  const source = openCapture(join(folder, file));
  for (let batch = source.read(); batch !== null; batch = source.read()) engine.ingest(batch);
  engine.finish();
  source.close();
  return {
    streams,
    calls,
    account: engine.account(),
    problems: source.problems.map((problem) => problem.code),
  };
}

const keyOf = (src: { ip: string; port: number }, dst: { ip: string; port: number }, ssrc: string): string =>
  `${src.ip}:${src.port}>${dst.ip}:${dst.port} ${ssrc}`;
const referenceKey = (s: TsharkStream | Counted): string =>
  keyOf({ ip: s.src, port: s.sport }, { ip: s.dst, port: s.dport }, s.ssrc);

function reference(file: string): Reference {
  return JSON.parse(readFileSync(join(folder, 'ref', `${file}.json`), 'utf8')) as Reference;
}

/** Bit errors make bogus streams in any tool: those files are for surviving. */
const DAMAGED = /drv_biterr|fuzz|seg-fault|overflow/;
/** Peer-to-peer and game traffic in which tshark's heuristics see streams. */
const NO_VOICE =
  /raknet|tinc|quic|dns|NTP|bittorrent|wireguard|openvpn|snmp|tftp|nfs|netflow|coap|http|zoom|mgcp|h323/;
/** Streams that nothing announced need five packets in a row that agree; shorter ones may stay unbelieved. */
const UNANNOUNCED_SHORT = 10;
/**
 * Arrival is rounded to timestamp ticks by the letter of RFC 3550; tshark does not round. Without the rounding the
 * two agree to tshark's printed digits (docs/accuracy.md); with it they may differ by a part of a tick.
 */
const ROUNDING_MEAN_TICKS = 0.2;
const ROUNDING_MAX_TICKS = 0.5;

const files = present ? readdirSync(folder).filter((name) => /\.pcap(ng)?$/.test(name)) : [];

describe.skipIf(!present)('real captures', () => {
  test.each(files)('%s ends normally and yields the streams that are there', (file) => {
    const { streams, account } = run(file);
    const ref = reference(file);
    if (ref.capinfos !== undefined && !/drv_text|drv_zero/.test(file)) {
      expect(account.packets).toBe(Number(ref.capinfos.packets));
    }
    if (DAMAGED.test(file)) return;
    if (NO_VOICE.test(file)) {
      expect([...streams.keys()]).toEqual([]);
      return;
    }
    const known = new Map(ref.calc.map((entry) => [referenceKey(entry), entry]));
    expect([...streams.keys()].filter((key) => !known.has(key))).toEqual([]);
    const announced = new Set(ref.rtp_streams_default.map(referenceKey));
    for (const [key, counted] of known) {
      const stream = streams.get(key);
      const short = counted.unique < UNANNOUNCED_SHORT && !announced.has(key);
      if (stream === undefined) {
        expect(short ? 'short' : key).toBe('short');
        continue;
      }
      expect(
        {
          packets: stream.packets,
          lost: stream.lost,
          // By arithmetic on numbers alone, copies made by the mirror are duplicates, too.
          duplicates: stream.duplicates + stream.mirrorDuplicates,
          reordered: stream.reordered,
        },
        key,
      ).toEqual({
        packets: counted.unique,
        lost: counted.missing,
        duplicates: counted.duplicates,
        reordered: counted.late_or_reordered,
      });
    }
  });

  test.each(files)('%s: jitter agrees with tshark', (file) => {
    if (DAMAGED.test(file)) return;
    const { streams } = run(file);
    const known = new Map(reference(file).calc.map((entry) => [referenceKey(entry), entry]));
    for (const theirs of reference(file).rtp_streams_forced) {
      const ours = streams.get(referenceKey(theirs));
      // tshark counts copies made by the mirror as packets.
      if (ours !== undefined && ours.mirrorDuplicates > 0) continue;
      // tshark knows no clock for these, lets telephone events spoil the reference, or saw too little to compare.
      if (ours === undefined || theirs.max_jitter_ms <= 0 || ours.events.length > 0 || theirs.packets < 30)
        continue;
      const dynamic = Object.keys(known.get(referenceKey(theirs))?.payload_types ?? {}).some(
        (pt) => Number(pt) >= 96,
      );
      if (dynamic && ours.clockRateSource === 'inferred') continue;
      const tickMs = 1000 / (ours.clockRate ?? 8000);
      const meanGap = Math.abs((ours.jitterRfcMs.mean ?? 0) - theirs.mean_jitter_ms);
      const maxGap = Math.abs((ours.jitterRfcMs.max ?? 0) - theirs.max_jitter_ms);
      const where = `${file} ${referenceKey(theirs)}`;
      expect(meanGap, `${where} mean`).toBeLessThan(
        ROUNDING_MEAN_TICKS * tickMs + 0.01 * theirs.mean_jitter_ms,
      );
      expect(maxGap, `${where} max`).toBeLessThan(ROUNDING_MAX_TICKS * tickMs + 0.01 * theirs.max_jitter_ms);
    }
  });

  test.each(files.filter((file) => !DAMAGED.test(file)))('%s: the same calls', (file) => {
    const { calls } = run(file);
    const wanted = reference(file).sip?.invite_call_ids ?? 0;
    // tshark counts INVITE requests; a call of which only later messages were captured is a call all the same.
    const withInvite = calls.filter((call) => call.setup.answerDelayMs !== null || call.finalCode !== 200);
    if (/ipip|snap60/.test(file)) return;
    expect(calls.length).toBeGreaterThanOrEqual(wanted);
    expect(withInvite.length).toBeLessThanOrEqual(Math.max(wanted, calls.length));
  });
});

test.skipIf(!present)(
  'what an agent told a collector in HEP is a call, and what cannot be read has a name',
  () => {
    const { calls, account } = run('hepws__hep.pcap');
    expect(calls.map(({ callId, state, finalCode }) => [callId, state, finalCode])).toEqual([
      ['qgf3dm9rudi@127.0.0.1', 'failed', 407],
    ]);
    // Stamped by the agent 1 s apart; the datagrams came 0.99 s apart.
    expect(calls[0]!.durationMs).toBeCloseTo(1000.026, 3);
    expect(account.hep).toEqual({ messages: 6, clocksCorrected: 0 });
    expect(account.discarded).toEqual({ hep_log: 1, hep_rtcp_json: 1 });
  },
);

test.runIf(!present)('real captures are not here: their folder is no part of this repository', () => {
  expect(present).toBe(false);
});
