/** What a field holds: how a cell is written, and whether a gate can count with it. */
export type FieldKind = 'text' | 'time' | 'number' | 'flag' | 'list' | 'json';

/** One field of the JSON contract, by its dotted name. */
export interface Field {
  name: string;
  path: readonly string[];
  kind: FieldKind;
}

/** What can be printed as rows. */
export const ROW_KINDS = ['calls', 'streams', 'intervals', 'findings'] as const;
export type RowKind = (typeof ROW_KINDS)[number];

function fields(...lines: readonly string[]): readonly Field[] {
  return lines.flatMap((line) => {
    const [kind, ...names] = line.trim().split(/\s+/);
    return names.map((name) => ({ name, path: name.split('.'), kind: kind as FieldKind }));
  });
}

const PLAYOUT = ['fixed50', 'fixed200', 'adaptive', 'neteq'].map(
  (model) =>
    `number ${[
      'lateRatio',
      'earlyRatio',
      'droppedRatio',
      'discardRatio',
      'nominalMs',
      'concealedMs',
      'acceleratedMs',
      'stretchedMs',
    ]
      .map((name) => `playout.${model}.${name}`)
      .join(' ')}`,
);

/**
 * The fields of each kind of record, named as `earshot.report/1` names them, in the order of columns. Maps without
 * fixed names and lists of objects are one field, written as JSON. A test holds these lists to the contract.
 */
export const FIELDS: Readonly<Record<RowKind, readonly Field[]>> = {
  calls: fields(
    'text id callId from to',
    'time startTime answerTime endTime',
    'number durationMs',
    'text state',
    'number finalCode',
    'text releasedBy verdict severity',
    'list findings streams',
    'number setup.postDialDelayMs setup.answerDelayMs',
    'number setup.mediaDelayMs.callerToCallee setup.mediaDelayMs.calleeToCaller',
    'number roundTripMs roundTripSidesMs.toCaller roundTripSidesMs.toCallee',
    'text signalling.transport',
    'number signalling.tries',
    'list signalling.refusals',
    'text signalling.retryOf signalling.retriedAs',
    'number signalling.retriedAfterMs',
    'text signalling.reasonPhrase',
    'number signalling.firstResponseMs signalling.sessionRequestDelayMs signalling.ringMs',
    'number signalling.sessionDisconnectDelayMs',
    'text signalling.release.method',
    'number signalling.release.q850Cause',
    'json signalling.release.reasons',
    'number signalling.sessionTimer.seconds',
    'text signalling.sessionTimer.refresher',
    'number signalling.sessionTimer.refreshes',
    'json signalling.transfers',
    'text signalling.replaces',
    'list signalling.diversions signalling.redirectedTo',
    'number signalling.forks',
    'flag signalling.reliableProvisional',
    'number signalling.maxForwards.first signalling.maxForwards.lowest signalling.loops',
    'text signalling.emergency.service',
    'flag signalling.emergency.location',
    'text signalling.userAgents.caller signalling.userAgents.callee',
    'text signalling.hosts.source signalling.hosts.destination signalling.interface',
    'json signalling.headers',
    'text signalling.assertedIdentity',
    'list signalling.dscp.caller signalling.dscp.callee',
    'number signalling.requests signalling.retransmissions',
    'flag signalling.ofScan',
    'text conversationId',
    'list legs',
    'json endpointReports t38 mediaRefusals heldBack',
    'list clean.checked clean.notSeen',
    'text site trunk direction',
  ),
  streams: fields(
    'text id callId direction src.ip',
    'number src.port',
    'text dst.ip',
    'number dst.port',
    'text ssrc interface',
    'list vlans encapsulation',
    'number tunnel.id',
    'text tunnel.src tunnel.dst',
    'list seenTwice.ttl',
    'number seenTwice.delayMs',
    'text codec',
    'list payloadTypes',
    'number clockRate clockRateMeasured',
    'text clockRateSource',
    'number ptimeMs',
    'time startTime endTime',
    'number durationMs packets octets ipKbps expected lost lostRatio lostRfc duplicates mirrorDuplicates reordered tooOld',
    'number restarts interruptions interruptedMs timestampJumps',
    'list restartTimes',
    'number jitterMs.mean jitterMs.p50 jitterMs.p95 jitterMs.p99 jitterMs.max jitterMs.samples',
    'number jitterRfcMs.last jitterRfcMs.mean jitterRfcMs.max',
    'number pdvMs.p50 pdvMs.p95 pdvMs.p99 pdvMs.max pdvMs.samples',
    'number ipdvMs.p5 ipdvMs.p50 ipdvMs.p95 ipdvMs.absP95 ipdvMs.samples maxDeltaMs',
    'number burst.gmin burst.bursts burst.burstDensity burst.burstDurationMs burst.gapDensity burst.gapDurationMs',
    'number burst.longestLossRun burst.burstR burst.lossRuns',
    'list burst.runLengths',
    'number burst.criticalLossDensity',
    ...PLAYOUT,
    'number whatIf.bestDepthMs whatIf.gain',
    'json whatIf.curve',
    'number media.talkRatio media.silencePackets media.eventPackets media.deadAir.ratio media.deadAir.longestMs',
    'time media.deadAir.longestStartTime',
    'flag media.encrypted',
    'list media.redundancy',
    'number skewPpm',
    'list dscp ttl',
    'json events',
    'number rtcp.senderReports rtcp.receiverReports rtcp.xrReports rtcp.srtcp rtcp.lostRatio rtcp.fractionLostMax',
    'number rtcp.jitterMs rtcp.jitterMaxMs rtcp.lossCompared rtcp.lossBeforeProbe rtcp.lossBeforeProbeRatio',
    'number rtcp.lossAfterProbe rtcp.lossAfterProbeRatio rtcp.lossOnlyAtProbe',
    'time rtcp.worst.startTime',
    'number rtcp.worst.durationMs rtcp.worst.expected rtcp.worst.lost rtcp.worst.lostAtProbe',
    'time rtcp.unheard.startTime',
    'number rtcp.unheard.durationMs rtcp.unheard.packets rtcp.unheard.reports',
    'number rtcp.senderRoundTripMs.p50 rtcp.senderRoundTripMs.p95 rtcp.senderRoundTripMs.max',
    'json rtcp.roundTripsDropped',
    'number rtcp.srClockPpm',
    'list rtcp.flags',
    'text rtcp.cname rtcp.goodbyeReason',
    'list rtcp.applications',
    'json rtcp.endpoint',
    'number roundTripMs.p50 roundTripMs.p95 roundTripMs.max',
    'text quality.model quality.scale quality.codecRow',
    'flag quality.grounded',
    'number quality.rFactor quality.rFactorLq quality.mosLq quality.mosCq',
    'flag quality.assumptions.plc',
    'number quality.assumptions.delayMs',
    'text quality.assumptions.delaySource quality.assumptions.playout quality.assumptions.echo',
    'number quality.assumptions.burstR',
    'text quality.assumptions.codecMode',
    'number quality.impairments.codec quality.impairments.loss quality.impairments.discard quality.impairments.delay',
    'text quality.explanation.topReason quality.explanation.text',
    'time quality.worst.startTime',
    'number quality.worst.rFactor quality.worst.mosLq quality.badR quality.badTimeRatio',
    'list quality.flags',
    'text noScore site trunk',
  ),
  intervals: fields(
    'text streamId callId direction ssrc src.ip',
    'number src.port',
    'text dst.ip',
    'number dst.port',
    'text codec',
    'list vlans',
    'text scale',
    'time startTime',
    'number durationMs packets expected lost discarded jitterMs pdvP50Ms pdvP95Ms pdvP99Ms ipdvP95Ms rFactor mosLq',
    'number impairments.codec impairments.loss impairments.discard impairments.delay',
  ),
  findings: fields(
    'text code severity callId streamId direction party',
    'time startTime endTime',
    'text text',
    'json evidence',
  ),
};

/** The value of a field; null where something on the way to it is. */
export function fieldValue(record: unknown, path: readonly string[]): unknown {
  let value: unknown = record;
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return null;
    value = (value as Record<string, unknown>)[name];
  }
  return value ?? null;
}
