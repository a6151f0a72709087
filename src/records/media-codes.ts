import type { FindingCodeEntry } from './finding-codes.ts';

/** Findings about media. */
export const MEDIA_CODES = {
  no_media: {
    about: 'media',
    meaning:
      'The call was answered, both sides asked for two-way audio, and no audio was seen either way for 5 s or more. Not said when the capture holds no media at all.',
    usually:
      'Media goes another way than signalling, or both sides send to addresses that cannot be reached.',
    check: 'The addresses in both session descriptions, and whether the tap sees the media path at all.',
    owner: ['network', 'pbx'],
    evidence: 'callerToCalleePackets, calleeToCallerPackets, talkMs',
  },
  one_way_media: {
    about: 'media',
    meaning: 'As no_media, but one direction was heard. `direction` is the one that is missing.',
    usually:
      'NAT or a firewall: the silent side sends to a private address, or its packets are dropped before the probe.',
    check: 'The address the silent side was told to send to: is it reachable from there?',
    owner: ['network', 'device', 'pbx'],
    evidence: 'callerToCalleePackets, calleeToCallerPackets, talkMs',
  },
  codec_mismatch: {
    about: 'media',
    meaning:
      'Two legs of one conversation use different codecs: somebody between them transcodes. Information.',
    usually:
      'A PBX or border controller whose codec preferences differ from leg to leg. It costs quality and delay.',
    check: 'Whether both legs could agree on one codec.',
    owner: ['pbx', 'provider'],
    evidence: 'codec, otherCodec, ptimeMs, otherPtimeMs, otherCallId',
  },
  ptime_mismatch: {
    about: 'media',
    meaning:
      'Two legs of one conversation use different packet times: somebody between them repacks. Information.',
    usually: 'A PBX or border controller with different ptime settings from leg to leg. It adds delay.',
    check: 'ptime and maxptime of both legs.',
    owner: ['pbx', 'provider'],
    evidence: 'codec, otherCodec, ptimeMs, otherPtimeMs, otherCallId',
  },
  random_loss: {
    about: 'media',
    meaning:
      '1 % of the packets or more were lost, spread about as independent loss would be (burst ratio below 1.5). Critical from 3 %.',
    usually: 'A congested link that drops at random, a bad cable or radio link, or a duplex mismatch.',
    check:
      'Interface error and drop counters along the path, and whether other streams lose at the same time.',
    owner: ['network'],
    evidence: 'lostRatio, lost, expected, burstR, bursts, longestLossRun',
  },
  burst_loss: {
    about: 'media',
    meaning:
      '1 % of the packets or more were lost, in runs at least 1.5 times as long as independent loss would make them. Critical from 3 %.',
    usually: 'Queues that overflow under bursts, Wi-Fi roaming, a route change, or a policer.',
    check: 'Queue drops and QoS marking on the narrowest link; what else started when the bursts did.',
    owner: ['network', 'provider'],
    evidence: 'lostRatio, lost, expected, burstR, bursts, longestLossRun',
  },
  high_jitter: {
    about: 'media',
    meaning:
      'Jitter above 30 ms or delay variation above 60 ms at the 95th percentile: more than a usual 50 ms playout buffer absorbs. Critical above 50 and 100 ms.',
    usually:
      'Voice waits behind other traffic: no priority on a full link, Wi-Fi, or a sender that sends in bursts.',
    check: 'QoS marking and queues; whether all streams of one sender show it.',
    owner: ['network', 'device'],
    evidence: 'jitterP95Ms, jitterMeanMs, jitterMaxMs, pdvP95Ms, pdvMaxMs, jitterThresholdMs, pdvThresholdMs',
  },
} as const satisfies Record<string, FindingCodeEntry>;
