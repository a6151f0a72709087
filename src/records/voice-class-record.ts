/** What one address sent in the voice class that is no voice. */
export interface VoiceClassSource {
  ip: string;
  /** At IP. */
  octets: number;
  tcpPackets: number;
  udpPackets: number;
  /** RTP that is no audio: video, text, retransmissions of video. */
  videoPackets: number;
}

/**
 * What the voice class of the network carried, by the markings of IP packets at this point. Octets are those at layer 3,
 * without IP options and tunnels. SIP, RTCP and T.38 are in no figure: they belong there in many networks.
 */
export interface VoiceClassRecord {
  /** Code points that are the class. */
  dscp: readonly number[];
  audioPackets: number;
  audioOctets: number;
  /** All else, and its part of all octets of the class; null where nothing was marked so. */
  otherPackets: number;
  otherOctets: number;
  otherRatio: number | null;
  /** Who sends most of it, and how many further addresses are known. */
  sources: readonly VoiceClassSource[];
  furtherSources: number;
}
