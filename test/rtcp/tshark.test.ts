import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCapture } from '../../src/capture/open.ts';
import { PROTOCOL_UDP } from '../../src/packet/ip.ts';
import { decodeFrame } from '../../src/packet/link.ts';
import { DECODED } from '../../src/packet/reasons.ts';
import { PacketView } from '../../src/packet/view.ts';
import { looksLikeRtcp, parseCompound, type RtcpCompound } from '../../src/rtcp/compound.ts';
import { DLRR, STATISTICS_SUMMARY, VOIP_METRICS } from '../../src/rtcp/xr.ts';
import { buildScenario } from '../../src/synth/build.ts';

/** Captures with RTCP that nobody here wrote; not part of this repository. */
const folder = resolve(import.meta.dirname, '../../../shared/pcaps');
const present = existsSync(folder);
const tshark = (() => {
  try {
    execFileSync('tshark', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

const FIELDS = [
  'frame.number',
  'rtcp.pt',
  'rtcp.senderssrc',
  'rtcp.timestamp.ntp.msw',
  'rtcp.timestamp.ntp.lsw',
  'rtcp.timestamp.rtp',
  'rtcp.sender.packetcount',
  'rtcp.sender.octetcount',
  'rtcp.ssrc.identifier',
  'rtcp.ssrc.fraction',
  'rtcp.ssrc.cum_nr',
  'rtcp.ssrc.ext_high',
  'rtcp.ssrc.jitter',
  'rtcp.ssrc.lsr',
  'rtcp.ssrc.dlsr',
  'rtcp.xr.bt',
  'rtcp.xr.voipmetrics.rtdelay',
  'rtcp.xr.voipmetrics.gapdensity',
  'rtcp.xr.voipmetrics.jbmax',
  'rtcp.xr.stats.lost',
  'rtcp.xr.beginseq',
  'rtcp.xr.endseq',
  'rtcp.xr.lrr',
  'rtcp.xr.dlrr',
  'rtcp.sdes.text',
  'rtcp.app.name',
] as const;

type Row = Record<(typeof FIELDS)[number], string>;

/** One row per frame that tshark takes for RTCP and finds no fault with; several values of a field joined by `|`. */
function tsharkRows(file: string): Row[] {
  const text = execFileSync(
    'tshark',
    [
      ...[
        '-r',
        file,
        '-Y',
        'rtcp && !_ws.malformed',
        '-T',
        'fields',
        '-E',
        'separator=/t',
        '-E',
        'aggregator=|',
      ],
      ...FIELDS.flatMap((field) => ['-e', field]),
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 26 },
  );
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const values = line.split('\t');
      return Object.fromEntries(FIELDS.map((field, i) => [field, values[i] ?? ''])) as Row;
    });
}

/** Our reading of every frame that looks like RTCP, by frame number. */
function ourRows(file: string): Map<number, RtcpCompound> {
  const found = new Map<number, RtcpCompound>();
  const view = new PacketView();
  const source = openCapture(file);
  let frame = 0;
  for (let batch = source.read(); batch !== null; batch = source.read()) {
    for (let i = 0; i < batch.count; i++) {
      frame++;
      const start = batch.offset[i]!;
      const end = start + batch.capturedLength[i]!;
      if (decodeFrame(view, batch.view, batch.linkType[i]!, start, end) !== DECODED) continue;
      const { payloadOffset, payloadLength, payloadWireLength, protocol } = view;
      if (protocol !== PROTOCOL_UDP) continue;
      if (!looksLikeRtcp(batch.view, payloadOffset, payloadLength, payloadWireLength)) continue;
      found.set(frame, parseCompound(batch.view, payloadOffset, payloadLength, payloadWireLength));
    }
  }
  source.close();
  return found;
}

/** Numbers of a field, whether tshark writes them in decimal or hexadecimal. */
const numbers = (text: string): number[] => (text === '' ? [] : text.split('|').map(Number));

/** The same facts of one frame, by both. */
function expectSame(row: Row, ours: RtcpCompound): void {
  const blocks = ours.reports.flatMap((report) => report.blocks);
  const senders = ours.reports.flatMap((report) => (report.sender === null ? [] : [report.sender]));
  const extended = ours.extended.flatMap((report) => report.blocks);
  expect({
    types: ours.types,
    ntp: senders.map(({ ntpSeconds, ntpFraction }) => [ntpSeconds, ntpFraction]),
    rtp: senders.map(({ rtpTimestamp }) => rtpTimestamp),
    packets: senders.map(({ packetsSent }) => packetsSent),
    octets: senders.map(({ octetsSent }) => octetsSent),
    about: blocks.map(({ ssrc }) => ssrc),
    fraction: blocks.map(({ fractionLost }) => fractionLost),
    lost: blocks.map(({ cumulativeLost }) => cumulativeLost),
    highest: blocks.map(({ extendedHighestSequence }) => extendedHighestSequence),
    jitter: blocks.map(({ jitterTicks }) => jitterTicks),
    lsr: blocks.map(({ lsr }) => lsr),
    dlsr: blocks.map(({ dlsr }) => dlsr),
    applications: ours.applications.map(({ name }) => name),
  }).toEqual({
    types: numbers(row['rtcp.pt']),
    ntp: numbers(row['rtcp.timestamp.ntp.msw']).map((msw, i) => [
      msw,
      numbers(row['rtcp.timestamp.ntp.lsw'])[i],
    ]),
    rtp: numbers(row['rtcp.timestamp.rtp']),
    packets: numbers(row['rtcp.sender.packetcount']),
    octets: numbers(row['rtcp.sender.octetcount']),
    about: numbers(row['rtcp.ssrc.identifier']).slice(0, blocks.length),
    fraction: numbers(row['rtcp.ssrc.fraction']).slice(0, blocks.length),
    lost: numbers(row['rtcp.ssrc.cum_nr']),
    highest: numbers(row['rtcp.ssrc.ext_high']),
    jitter: numbers(row['rtcp.ssrc.jitter']),
    lsr: numbers(row['rtcp.ssrc.lsr']),
    dlsr: numbers(row['rtcp.ssrc.dlsr']),
    applications: row['rtcp.app.name'] === '' ? [] : row['rtcp.app.name'].split('|'),
  });
  expect(extended.map(({ type }) => type)).toEqual(
    // Types that are not decoded here are counted only.
    numbers(row['rtcp.xr.bt']).filter((type) => type !== 3 && type !== 8),
  );
  const voip = extended.flatMap((block) => (block.type === VOIP_METRICS ? [block.value] : []));
  const statistics = extended.flatMap((block) => (block.type === STATISTICS_SUMMARY ? [block.value] : []));
  const echoes = extended.flatMap((block) => (block.type === DLRR ? block.value : []));
  expect({
    roundTrip: voip.map(({ roundTripMs }) => roundTripMs),
    gapDensity: voip.map(({ gapDensity }) => gapDensity * 256),
    bufferMaximum: voip.map(({ jitterBufferMaximumMs }) => jitterBufferMaximumMs),
    lost: statistics.map(({ lost }) => lost),
    begin: statistics.map(({ beginSequence }) => beginSequence),
    end: statistics.map(({ endSequence }) => endSequence),
    lrr: echoes.map(({ lrr }) => lrr),
    dlrr: echoes.map(({ dlrr }) => dlrr),
  }).toEqual({
    roundTrip: numbers(row['rtcp.xr.voipmetrics.rtdelay']),
    gapDensity: numbers(row['rtcp.xr.voipmetrics.gapdensity']),
    bufferMaximum: numbers(row['rtcp.xr.voipmetrics.jbmax']),
    lost: numbers(row['rtcp.xr.stats.lost']),
    begin: numbers(row['rtcp.xr.beginseq']),
    end: numbers(row['rtcp.xr.endseq']),
    lrr: numbers(row['rtcp.xr.lrr']),
    dlrr: numbers(row['rtcp.xr.dlrr']),
  });
  for (const { cname } of ours.names) expect(row['rtcp.sdes.text'].split('|')).toContain(cname);
}

function expectAgreement(file: string): number {
  const ours = ourRows(file);
  let frames = 0;
  for (const row of tsharkRows(file)) {
    const compound = ours.get(Number(row['frame.number']));
    // Heuristics of tshark take encrypted traffic for RTCP.
    if (compound === undefined || compound.fault !== null) continue;
    expectSame(row, compound);
    frames++;
  }
  return frames;
}

const CAPTURES: [string, number][] = [
  ['ndpi__sip.pcap', 1],
  ['ndpi__rtcp_multiple_pkts_in_the_same_datagram.pcap', 5],
  ['rtppcap__aaa.pcap', 1],
  ['gen_baresip_pcmu_rtcp.pcapng', 10],
  ['gen_baresip_opus_rtcp.pcapng', 10],
  ['gen_baresip_pcma_loss5.pcapng', 12],
  ['gen_baresip_pcmu_dup.pcapng', 12],
  ['gen_baresip_pcmu_reorder.pcapng', 12],
  ['gen_baresip_pcmu_jitter.pcapng', 12],
  ['gen_baresip_tcp_hold.pcapng', 10],
  ['gen_baresip_pcma_sll_any.pcapng', 8],
  // tshark files 13 frames of STUN on the RTCP port under RTCP, too.
  ['gen_linphone_g729_xr.pcapng', 7],
  ['gen_baresip_g722_rtcp.pcapng', 10],
  ['gen_baresip_pcma_ipv6_rtcp.pcapng', 8],
];

const missing = [...(tshark ? [] : ['tshark']), ...(present ? [] : ['the real captures'])];

describe(`RTCP as tshark reads it${missing.length === 0 ? '' : ` (without ${missing.join(', ')})`}`, () => {
  test.skipIf(!tshark || !present).each(CAPTURES)('%s', (name, frames) => {
    expect(expectAgreement(join(folder, name))).toBe(frames);
  });

  // Without loss runs: tshark 4.0 reads one chunk too many of a run-length block at the end of a packet.
  test.skipIf(!tshark)('captures of the generator, with extended reports', () => {
    const { pcap, truth } = buildScenario({
      seed: 21,
      calls: [
        {
          durationMs: 20_000,
          rtcp: {
            intervalMs: 2000,
            tapToCalleeMs: 20,
            xr: ['reference_time', 'voip_metrics', 'statistics'],
          },
          callerToCallee: { lossAfterTap: { kind: 'random', ratio: 0.2 } },
        },
      ],
    });
    const directory = mkdtempSync(join(tmpdir(), 'earshot-'));
    try {
      const file = join(directory, 'rtcp.pcap');
      writeFileSync(file, pcap);
      expect(expectAgreement(file)).toBe(truth.capture.rtcp);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test.skipIf(!present)('encrypted reports are not believed', () => {
    const compounds = [...ourRows(join(folder, 'ndpi__discord.pcap')).values()];
    expect(compounds.length).toBeGreaterThan(0);
    expect(compounds.flatMap(({ reports }) => reports)).toEqual([]);
  });
});
