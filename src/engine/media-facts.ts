import type { Call } from '../calls/call.ts';
import type { MediaFacts, StreamRecord } from '../records/types.ts';
import type { StreamMeasurement } from '../rtp/summary.ts';

/** Does signalling say that the media of a call is encrypted (SRTP: an SAVP profile, keys, or a fingerprint)? */
export function isEncrypted(call: Call): boolean {
  return call.descriptions.some(
    ({ refused, media }) =>
      !refused &&
      media.some(({ type, port, protocol, crypto }) => {
        return type === 'audio' && port > 0 && (protocol.includes('SAVP') || crypto.length > 0);
      }),
  );
}

/**
 * What the packets of a stream say beside their timing: speech and silence, dead air, redundancy.
 *
 * @param encrypted null when signalling was not seen
 */
export function mediaFacts(measured: StreamMeasurement, encrypted: boolean | null): MediaFacts {
  const { packets, silencePackets, eventPackets, peek, redundancy } = measured;
  const durationMs = (measured.endUs - measured.startUs) / 1000;
  // Lost packets were speech as likely as the others.
  const speechPackets = packets - silencePackets - eventPackets + measured.lost;
  const spokenMs = measured.ptimeMs === null ? null : speechPackets * measured.ptimeMs;
  return {
    talkRatio: spokenMs === null || durationMs <= 0 ? null : Math.min(1, spokenMs / durationMs),
    silencePackets,
    eventPackets,
    deadAir: encrypted === true ? null : deadAirOf(peek),
    encrypted,
    redundancy: [...redundancy],
    payloadOctets:
      peek === null || peek.packets === 0 ? null : { min: peek.leastOctets, max: peek.mostOctets },
    unevenness: unevennessOf(peek),
    faxTones: encrypted === true ? null : faxTonesOf(peek),
  };
}

/** Chi-square of the upper halves of octets against even use of all sixteen. */
function unevennessOf(peek: StreamMeasurement['peek']): MediaFacts['unevenness'] {
  const halves = peek?.halves ?? null;
  if (halves === null) return null;
  const octets = halves.reduce((sum, count) => sum + count, 0);
  if (octets === 0) return null;
  const even = octets / halves.length;
  return { chiSquare: halves.reduce((sum, count) => sum + (count - even) ** 2 / even, 0), octets };
}

function faxTonesOf(peek: StreamMeasurement['peek']): MediaFacts['faxTones'] {
  if (peek === null || peek.law === 0) return null;
  const { callingTones: calling, calledTones: called, toneAtUs } = peek;
  return { calling, called, firstUs: Number.isNaN(toneAtUs) ? null : toneAtUs };
}

function deadAirOf(peek: StreamMeasurement['peek']): MediaFacts['deadAir'] {
  if (peek === null || peek.pcmPackets === 0) return null;
  return {
    ratio: peek.silentPackets / peek.pcmPackets,
    longestMs: peek.longestSilenceUs / 1000,
    longestStartUs: peek.longestSilenceUs > 0 ? peek.longestSilenceAtUs : null,
  };
}

/** What each playout model made of a stream, as shares of what was expected. */
export function playoutRecords(measured: StreamMeasurement): StreamRecord['playout'] {
  const { playout, expected } = measured;
  if (playout === null || expected === 0) return {};
  const entries = Object.entries(playout).map(([name, result]) => [
    name,
    {
      lateRatio: result.late / expected,
      earlyRatio: result.early / expected,
      droppedRatio: result.dropped / expected,
      discardRatio: (result.late + result.early + result.dropped) / expected,
      nominalMs: result.nominalMs,
      concealedMs: result.concealedMs,
      acceleratedMs: result.acceleratedMs,
      stretchedMs: result.stretchedMs,
    },
  ]);
  return Object.fromEntries(entries);
}
