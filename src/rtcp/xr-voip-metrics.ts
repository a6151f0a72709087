import type { VoipMetrics } from '../records/endpoint-view.ts';

/** Code of signal levels, echo return loss, R and MOS that are not known (RFC 3611 4.7). */
const UNAVAILABLE = 127;

const PLC: readonly VoipMetrics['plc'][] = [null, 'disabled', 'enhanced', 'standard'];
const BUFFER: readonly VoipMetrics['jitterBuffer'][] = [null, null, 'fixed', 'adaptive'];

/** Reads a VoIP metrics block (RFC 3611 4.7), 9 words, into plain units. */
export function readVoipMetrics(data: DataView, offset: number): VoipMetrics {
  const octet = (at: number): number => data.getUint8(offset + at);
  const half = (at: number): number => data.getUint16(offset + at);
  const config = octet(28);
  return {
    lossRatio: octet(8) / 256,
    discardRatio: octet(9) / 256,
    burstDensity: octet(10) / 256,
    gapDensity: octet(11) / 256,
    burstDurationMs: half(12),
    gapDurationMs: half(14),
    roundTripMs: half(16),
    endSystemDelayMs: half(18),
    signalLevelDbm0: level(data.getInt8(offset + 20)),
    noiseLevelDbm0: level(data.getInt8(offset + 21)),
    residualEchoReturnLossDb: octet(22) === UNAVAILABLE ? null : octet(22),
    gmin: octet(23),
    rFactor: within(octet(24), 0, 100, 1),
    externalRFactor: within(octet(25), 0, 100, 1),
    mosLq: within(octet(26), 10, 50, 10),
    mosCq: within(octet(27), 10, 50, 10),
    plc: PLC[config >> 6]!,
    jitterBuffer: BUFFER[(config >> 4) & 3]!,
    jitterBufferRate: config & 0x0f,
    jitterBufferNominalMs: half(30),
    jitterBufferMaximumMs: half(32),
    jitterBufferAbsoluteMaximumMs: half(34),
  };
}

function level(dbm0: number): number | null {
  return dbm0 === UNAVAILABLE ? null : dbm0;
}

/** A score within its range, divided by `scale`; anything else, 127 among it, is no score. */
function within(value: number, min: number, max: number, scale: number): number | null {
  return value < min || value > max ? null : value / scale;
}
