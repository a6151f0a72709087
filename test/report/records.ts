import type { CallSignalling } from '../../src/records/call-signalling.ts';
import { IntervalLog } from '../../src/records/interval-log.ts';
import { NO_MOMENTS } from '../../src/records/moment-log.ts';
import type { RtcpRecord } from '../../src/records/rtcp-record.ts';
import type { StreamHistory } from '../../src/records/stream-history.ts';
import type {
  CallRecord,
  CaptureRecord,
  FindingRecord,
  QualityRecord,
  StreamRecord,
} from '../../src/records/types.ts';
import { appendCut } from '../records/append-cut.ts';

/** A stream to which nothing ever happened. */
const NO_HISTORY: StreamHistory = {
  losses: NO_MOMENTS,
  spikes: NO_MOMENTS,
  gaps: [],
  gapsDropped: 0,
  silences: 0,
  longSilences: [],
  restartsMs: [],
  endsSilent: false,
  path: [],
  pathChanges: 0,
  formats: [],
  formatsDropped: 0,
};

/** Hand-made records of plausible values; each test changes what it is about. */

/** 2026-01-02T03:04:05.123456Z in microseconds. */
export const START_US = Date.UTC(2026, 0, 2, 3, 4, 5) * 1000 + 123_456;

export function capture(changes: Partial<CaptureRecord> = {}): CaptureRecord {
  return {
    files: [
      { path: 'demo.pcap', format: 'pcap', linkTypes: ['ethernet'], packets: 12_345, bytes: 2_000_000 },
    ],
    startUs: START_US,
    endUs: START_US + 300_000_000,
    packets: 12_345,
    bytes: 2_000_000,
    decoded: { sip: 30, rtp: 12_000, rtcp: 15, t38: 0, other: 300 },
    discarded: { not_ip: 40, ip_fragment: 2 },
    mirrorDuplicates: 4,
    mirrorDuplicatesRatio: 0.000324,
    fragments: { packets: 6, datagrams: 3 },
    voiceClass: {
      dscp: [46, 44],
      audioPackets: 12_000,
      audioOctets: 2_400_000,
      otherPackets: 40,
      otherOctets: 12_345,
      otherRatio: 12_345 / 2_412_345,
      sources: [{ ip: '10.0.0.9', octets: 12_345, tcpPackets: 40, udpPackets: 0, videoPackets: 0 }],
      furtherSources: 0,
    },
    encrypted: {
      tlsConnections: 3,
      tlsDecrypted: 1,
      sipTlsSuspected: 2,
      unread: { noKeys: 2, noHandshake: 0, unsupported: 0, failed: 0 },
      tlsElsewhere: 4,
    },
    hep: { messages: 7, clocksCorrected: 1 },
    trust: { verdict: 'trusted', reasons: [] },
    ...changes,
  };
}

export function quality(changes: Partial<QualityRecord> = {}): QualityRecord {
  return {
    model: 'G.107',
    scale: 'NB',
    codecRow: 'G.711',
    grounded: true,
    rFactor: 78.8123,
    rFactorLq: 80.9,
    mosLq: 4.05,
    mosCq: 3.97,
    assumptions: {
      plc: true,
      delayMs: 100,
      delaySource: 'assumed',
      playout: 'fixed50',
      echo: 'default',
      burstR: 1.2,
      codecMode: null,
    },
    impairments: { codec: 0, loss: 12.3, discard: 0, delay: 2.0877 },
    worst: { startUs: START_US + 5_000_000, rFactor: 41.23456, mosLq: 2.1 },
    explanation: { topReason: 'loss', text: 'packet loss costs 12 of the 14 points lost' },
    badR: 70,
    badTimeRatio: 1 / 3,
    flags: [],
    ...changes,
  };
}

/** Three intervals of 5 s; the second lost 50 of 250 and has no score of its own. */
export function intervals(): IntervalLog {
  const log = new IntervalLog();
  for (let i = 0; i < 3; i++) {
    const lost = i === 1 ? 50 : 0;
    appendCut(log, {
      startUs: START_US + i * 5_000_000,
      durationMs: 5000,
      packets: 250 - lost,
      expected: 250,
      lost,
      lossRuns: lost === 0 ? 0 : 9,
      discarded: 0,
      missedRuns: lost === 0 ? 0 : 9,
      jitterMs: i === 0 ? null : 1.23456,
      pdvP50Ms: 1,
      pdvP95Ms: 3.5,
      pdvP99Ms: 4,
      ipdvP95Ms: 2,
      leastDelayMs: null,
    });
    const impairments = { codec: 0, loss: lost, discard: 0, delay: 2 };
    log.score(i, lost === 0 ? 93.2 : 41.23456, lost === 0 ? 4.41 : 2.1, impairments);
  }
  return log;
}

export function stream(changes: Partial<StreamRecord> = {}): StreamRecord {
  return {
    id: 's1',
    callId: 'abc@pbx',
    direction: 'callerToCallee',
    src: { ip: '10.0.0.1', port: 4000 },
    dst: { ip: '192.0.2.7', port: 5002 },
    ssrc: '0x1a2b3c4d',
    interface: null,
    vlans: [],
    encapsulation: [],
    tunnel: null,
    seenTwice: null,
    codec: 'PCMU',
    payloadTypes: [0],
    clockRate: 8000,
    clockRateMeasured: null,
    clockRateSource: 'sdp',
    ptimeMs: 20,
    startUs: START_US + 4_200_000,
    endUs: START_US + 19_180_000,
    durationMs: 14_980,
    packets: 700,
    octets: 112_000,
    ipKbps: 74.67,
    expected: 750,
    lost: 50,
    lostRatio: 50 / 750,
    lostRfc: 50,
    duplicates: 0,
    mirrorDuplicates: 0,
    reordered: 0,
    tooOld: 0,
    restarts: 0,
    interruptions: 0,
    interruptedMs: 0,
    timestampJumps: 0,
    jitterMs: { mean: 1.5, p50: 1.25, p95: 3.1234567, p99: 4, max: 5.5, samples: 668 },
    jitterRfcMs: { last: 1.1, mean: 1.6, max: 6 },
    pdvMs: { p50: 1, p95: 4, p99: 6, max: 9.5, samples: 700 },
    ipdvMs: { p5: -2.5, p50: 0, p95: 2.5, absP95: 3.25, samples: 640 },
    maxDeltaMs: 120.5,
    burst: {
      gmin: 16,
      bursts: 1,
      burstDensity: 0.5,
      burstDurationMs: 2000,
      gapDensity: -0,
      gapDurationMs: 6490,
      longestLossRun: 7,
      burstR: 1.8,
      lossRuns: 9,
      runLengths: [2, 1, 0, 0, 0, 0, 6, 0, 0, 0],
      criticalLossDensity: 0,
    },
    playout: {
      fixed50: {
        lateRatio: 0,
        earlyRatio: 0,
        droppedRatio: 0,
        discardRatio: 0,
        nominalMs: 50,
        concealedMs: null,
        acceleratedMs: null,
        stretchedMs: null,
      },
    },
    whatIf: null,
    media: {
      talkRatio: 1,
      silencePackets: 0,
      eventPackets: 0,
      deadAir: null,
      encrypted: false,
      redundancy: [],
      payloadOctets: null,
      unevenness: null,
      faxTones: null,
    },
    skewPpm: -12.3456,
    dscp: [46],
    ttl: [64],
    events: [],
    rtcp: rtcp({ senderReports: 3, receiverReports: 2, lostRatio: 0.07, jitterMs: 2 }),
    roundTripMs: null,
    quality: quality(),
    noScore: null,
    intervals: new IntervalLog(),
    history: NO_HISTORY,
    ...changes,
  };
}

/** What RTCP says when it says nothing, with changes. */
export function rtcp(changes: Partial<RtcpRecord> = {}): RtcpRecord {
  return {
    senderReports: 0,
    receiverReports: 0,
    xrReports: 0,
    srtcp: 0,
    lostRatio: null,
    fractionLostMax: null,
    jitterMs: null,
    jitterMaxMs: null,
    lossCompared: null,
    lossBeforeProbe: null,
    lossBeforeProbeRatio: null,
    lossAfterProbe: null,
    lossAfterProbeRatio: null,
    lossOnlyAtProbe: null,
    worst: null,
    unheard: null,
    senderRoundTripMs: null,
    roundTripsDropped: {},
    srClockPpm: null,
    flags: [],
    cname: null,
    goodbyeReason: null,
    applications: [],
    endpoint: null,
    ...changes,
  };
}

/** What a plain call over UDP says. */
export function signalling(changes: Partial<CallSignalling> = {}): CallSignalling {
  return {
    transport: 'UDP',
    tries: 1,
    refusals: [],
    retryOf: null,
    retriedAs: null,
    retriedAfterMs: null,
    reasonPhrase: 'OK',
    firstResponseMs: 12,
    sessionRequestDelayMs: 812,
    ringMs: 3308,
    sessionDisconnectDelayMs: 15,
    release: { method: 'BYE', reasons: [], q850Cause: null },
    sessionTimer: null,
    transfers: [],
    replaces: null,
    diversions: [],
    redirectedTo: [],
    forks: 1,
    reliableProvisional: false,
    ofScan: false,
    maxForwards: { first: 70, lowest: 70 },
    loops: 0,
    emergency: null,
    userAgents: { caller: 'Phone/1', callee: 'PBX/2' },
    hosts: { source: '192.0.2.10', destination: '192.0.2.20' },
    interface: null,
    dscp: { caller: [0], callee: [0] },
    headers: {},
    assertedIdentity: null,
    requests: 3,
    retransmissions: 0,
    ...changes,
  };
}

export function call(changes: Partial<CallRecord> = {}): CallRecord {
  return {
    id: 'c1',
    callId: 'abc@pbx',
    from: 'alice',
    to: 'bob',
    startUs: START_US,
    answerUs: START_US + 4_120_000,
    endUs: START_US + 20_000_000,
    durationMs: 20_000,
    state: 'answered',
    finalCode: 200,
    releasedBy: 'caller',
    setup: {
      postDialDelayMs: 812,
      answerDelayMs: 4120,
      mediaDelayMs: { callerToCallee: 80, calleeToCaller: 0 },
    },
    roundTripMs: null,
    roundTripSidesMs: { toCaller: null, toCallee: null },
    endpointReports: [],
    signalling: signalling(),
    conversationId: null,
    legs: [],
    t38: null,
    mediaRefusals: [],
    severity: null,
    verdict: 'media',
    streams: ['s1'],
    findings: ['burst_loss'],
    heldBack: [],
    clean: null,
    ...changes,
  };
}

export function finding(changes: Partial<FindingRecord> = {}): FindingRecord {
  return {
    code: 'burst_loss',
    severity: 'critical',
    callId: 'abc@pbx',
    streamId: 's1',
    direction: 'callerToCallee',
    startUs: START_US + 4_200_000,
    endUs: START_US + 19_180_000,
    text: '6.7 % of packets lost in bursts: up to 7 in a row',
    evidence: { lostRatio: 50 / 750, lost: 50, jitterP95Ms: 3.1234567, known: true, note: null },
    ...changes,
  };
}
