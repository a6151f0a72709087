import { dscpName } from '../records/dscp.ts';
import type { VoiceClassSource } from '../records/voice-class-record.ts';
import { counted, grouped, percent } from './amounts.ts';
import type { ReportCapture } from './contract.ts';

/** What is not worth a word: so little of the class, or so few packets. */
const RATIO_TOLD = 0.05;
const PACKETS_TOLD = 50;
const SOURCES_TOLD = 3;

/** That much of what is marked as voice is none, and who sends it; null where little of it is. */
export function voiceClassText(carried: ReportCapture['voiceClass']): string | null {
  if (carried === null || carried.otherPackets < PACKETS_TOLD) return null;
  const { dscp, otherRatio, audioOctets, otherOctets, sources, furtherSources } = carried;
  if (otherRatio === null || otherRatio <= RATIO_TOLD) return null;
  const named = sources.slice(0, SOURCES_TOLD).map(sourceText);
  const further = sources.length - named.length + furtherSources;
  const senders = [...named, ...(further > 0 ? [`+${counted(further, 'more sender')}`] : [])];
  const classes = dscp.map((code) => dscpName(code)).join(', ');
  const share = `${percent(otherRatio)} % of ${grouped(audioOctets + otherOctets)} octets`;
  return `voice class (${classes}): ${share} are no voice: ${senders.join(', ')}`;
}

function sourceText({ ip, octets, tcpPackets, udpPackets, videoPackets }: VoiceClassSource): string {
  const kinds = [
    ...(tcpPackets > 0 ? ['TCP'] : []),
    ...(udpPackets > 0 ? ['UDP'] : []),
    ...(videoPackets > 0 ? ['video'] : []),
  ];
  return `${ip} ${grouped(octets)} (${kinds.join(', ')})`;
}
