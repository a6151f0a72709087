import { callRef } from '../../live/call-ref.ts';
import type { StatusRecord } from '../../live/live-records.ts';
import type { ReportCall, ReportFinding } from '../../report/contract.ts';
import { microsOf } from '../../report/iso-time.ts';
import { FIELD_CHARACTERS_MAX } from './line-protocol.ts';
import type { FieldValues } from './measurement.ts';
import type { FINDING, PROBE_STATUS, SIP_CALL } from './other-measurements.ts';

const TRUST = { trusted: 1, degraded: 0.5, untrusted: 0 } as const;

/** Fields of a call that is over. */
export function callFields(record: ReportCall): FieldValues<typeof SIP_CALL.fields> {
  const { signalling, setup, durationMs } = record;
  const answered = record.answerTime !== null;
  return {
    call_id: record.callId,
    call_ref: callRef(record.callId),
    conversation_id: record.conversationId,
    caller: record.from,
    callee: record.to,
    caller_user_agent: signalling.userAgents.caller,
    callee_user_agent: signalling.userAgents.callee,
    src: signalling.hosts.source,
    dst: signalling.hosts.destination,
    start_time: record.startTime,
    answered,
    final_code: record.finalCode,
    q850_cause: signalling.release?.q850Cause ?? null,
    released_by: record.releasedBy,
    duration_ms: durationMs,
    talk_ms: answered && durationMs !== null ? durationMs - (setup.answerDelayMs ?? 0) : null,
    ring_ms: signalling.ringMs,
    post_dial_delay_ms: setup.postDialDelayMs,
    answer_delay_ms: setup.answerDelayMs,
    media_delay_to_callee_ms: setup.mediaDelayMs.callerToCallee,
    media_delay_to_caller_ms: setup.mediaDelayMs.calleeToCaller,
    session_request_delay_ms: signalling.sessionRequestDelayMs,
    session_disconnect_delay_ms: signalling.sessionDisconnectDelayMs,
    round_trip_ms: record.roundTripMs,
    tries: signalling.tries,
    requests: signalling.requests,
    retransmissions: signalling.retransmissions,
    streams: record.streams.length,
    findings: record.findings.length,
    finding_codes: [...new Set(record.findings)].join(','),
    held_back: record.heldBack.length,
  };
}

/** Fields of a finding. */
export function findingFields(record: ReportFinding): FieldValues<typeof FINDING.fields> {
  const { callId } = record;
  const startUs = microsOf(record.startTime);
  const endUs = microsOf(record.endTime);
  return {
    call_id: callId,
    call_ref: callId === null ? null : callRef(callId),
    stream_id: record.streamId,
    media_direction: record.direction,
    party: record.party,
    text: record.text,
    evidence: evidenceText(record.evidence),
    duration_ms: startUs === null || endUs === null ? null : (endUs - startUs) / 1000,
    count: 1,
  };
}

/** Fields of a status. */
export function statusFields(record: StatusRecord): FieldValues<typeof PROBE_STATUS.fields> {
  const { decoded, sip, registrationRounds, lagMs, queue, trust, sources, trunks } = record;
  return {
    uptime_ms: record.uptimeMs,
    packets: record.packets,
    bytes: record.bytes,
    dropped: record.dropped,
    packets_per_second: record.packetsPerSecond,
    calls: record.calls,
    calls_up: record.callsUp,
    streams: record.streams,
    registrations: record.registrations,
    decoded_sip: decoded.sip,
    decoded_rtp: decoded.rtp,
    decoded_rtcp: decoded.rtcp,
    decoded_t38: decoded.t38,
    decoded_other: decoded.other,
    discarded: total(record.discarded),
    mirror_duplicates: record.mirrorDuplicates,
    sip_requests: total(sip.requests),
    sip_responses: total(sip.responses),
    registrations_succeeded: registrationRounds.succeeded,
    registrations_failed: registrationRounds.failed,
    registrations_of_scans: registrationRounds.ofScans,
    trunks_up: trunks.filter(({ state }) => state === 'up').length,
    trunks_down: trunks.filter(({ state }) => state === 'down').length,
    sources: sources.length,
    sources_up: sources.filter(({ up, ended }) => up !== false && !ended).length,
    lag_measuring_ms: lagMs.measuring,
    lag_serving_ms: lagMs.serving,
    queue_used: queue.used,
    queue_max: queue.max,
    records_dropped: total(record.records.dropped),
    heap_bytes: record.heapBytes,
    restarts: record.restarts,
    trusted: TRUST[trust.verdict],
    trust: trust.verdict,
    doubts: trust.reasons.map(({ code }) => code).join(','),
  };
}

/** JSON that is not cut: as much of the evidence as a field can hold. */
function evidenceText(evidence: ReportFinding['evidence']): string {
  let text = '';
  for (const [name, value] of Object.entries(evidence)) {
    const entry = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
    if (text.length + entry.length + 3 > FIELD_CHARACTERS_MAX) break;
    text += `${text === '' ? '' : ','}${entry}`;
  }
  return `{${text}}`;
}

function total(counts: Readonly<Record<string, number>>): number {
  let sum = 0;
  for (const n of Object.values(counts)) sum += n;
  return sum;
}
