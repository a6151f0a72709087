/** What rtpengine says of a call: counters by its NG protocol, reception reports in its log. */
import type { BoxTruth } from '../middlebox/truth.ts';

export interface PortCount {
  callId: string;
  /** Where the packets came from. */
  from: { ip: string; port: number };
  packets: number;
  /** Octets of UDP payload, RTP headers included. */
  bytes: number;
}

/** Quality as told by the receivers of one source, per report. */
export interface ReportedQuality {
  legRoundTripUs: number;
  /** Both legs; 0 while one of them is not known. */
  callRoundTripUs: number;
  jitterMs: number;
  lossPercent: number;
  /** Ten times the score; 0 where it could not be computed. */
  mosTimesTen: number;
}

/** A report block that rtpengine read or made. */
export interface LoggedReport {
  callId: string;
  /** Whose reception report, by SSRC; rtpengine speaks in the name of the other side. */
  from: string;
  about: string;
  cumulativeLost: number;
  highest: number;
  jitterTicks: number;
}

interface QueryAnswer {
  tags: Record<string, { medias: { streams: RtpengineStream[] }[] }>;
  SSRC: Record<string, { 'MOS progression'?: { entries: RtpengineEntry[] } }>;
}

interface RtpengineStream {
  endpoint: { address: string; port: number };
  flags: string[];
  stats: { packets: number; bytes: number };
}

interface RtpengineEntry {
  MOS: number;
  'round-trip time': number;
  'round-trip time leg': number;
  jitter: number;
  'packet loss': number;
}

/** The counters of the ports where RTP came in. */
export function portCounts({ rtpengine }: BoxTruth): PortCount[] {
  return rtpengine.flatMap(({ callId, query }) => {
    const medias = Object.values((query as QueryAnswer).tags).flatMap((tag) => tag.medias);
    const streams = medias.flatMap((media) => media.streams).filter(({ flags }) => flags.includes('RTP'));
    return streams.map(({ endpoint, stats }) => ({
      callId,
      from: { ip: endpoint.address, port: endpoint.port },
      ...{ packets: stats.packets, bytes: stats.bytes },
    }));
  });
}

/** What receivers reported to rtpengine, by the SSRC of who reported (`0x...`). */
export function reportedTo({ rtpengine }: BoxTruth): Record<string, ReportedQuality[]> {
  const all = rtpengine.flatMap(({ query }) => Object.entries((query as QueryAnswer).SSRC));
  return Object.fromEntries(
    all.map(([ssrc, figures]) => [
      `0x${Number(ssrc).toString(16).padStart(8, '0')}`,
      (figures['MOS progression']?.entries ?? []).map((entry) => ({
        callRoundTripUs: entry['round-trip time'],
        legRoundTripUs: entry['round-trip time leg'],
        jitterMs: entry.jitter,
        lossPercent: entry['packet loss'],
        mosTimesTen: entry.MOS,
      })),
    ]),
  );
}

export function loggedReports(log: string): LoggedReport[] {
  const pattern =
    /\[(\S+) port \d+\]: \[core\] RR from (\w+) about (\w+): FL \d+ TL (-?\d+) HSR (\d+) J (\d+)/g;
  const ssrc = (text: string): string => `0x${text.padStart(8, '0')}`;
  return [...log.matchAll(pattern)].map(([, callId, from, about, lost, highest, jitter]) => ({
    callId: callId!,
    from: ssrc(from!),
    about: ssrc(about!),
    cumulativeLost: Number(lost),
    highest: Number(highest),
    jitterTicks: Number(jitter),
  }));
}
