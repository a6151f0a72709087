/**
 * Every finding there is: what it says, and which measurements come with it. The documentation (`docs/findings.md`) is
 * made from this list, and the detectors cannot name a code that is not here.
 */
export const FINDING_CODES = {
  setup_failed: {
    meaning:
      'The service failed to set the call up (403, 404, 5xx, ...). Busy, declined, cancelled and unanswered calls are not failures.',
    evidence: 'finalCode, afterMs',
  },
  setup_timeout: {
    meaning: 'An INVITE got no answer at all within 32 s (RFC 3261 timer B).',
    evidence: 'waitedMs',
  },
  codec_negotiation_failed: {
    meaning: 'The two sides found no media they share: refused with 415, 488 or 606.',
    evidence: 'finalCode, afterMs',
  },
  no_media: {
    meaning:
      'The call was answered, both sides asked for two-way audio, and no audio was seen either way for 5 s or more. Not said when the capture holds no media at all.',
    evidence: 'callerToCalleePackets, calleeToCallerPackets, talkMs',
  },
  one_way_media: {
    meaning: 'As no_media, but one direction was heard. `direction` is the one that is missing.',
    evidence: 'callerToCalleePackets, calleeToCallerPackets, talkMs',
  },
  random_loss: {
    meaning:
      '1 % of the packets or more were lost, spread about as independent loss would be (burst ratio below 1.5). Critical from 3 %.',
    evidence: 'lostRatio, lost, expected, burstR, bursts, longestLossRun',
  },
  burst_loss: {
    meaning:
      '1 % of the packets or more were lost, in runs at least 1.5 times as long as independent loss would make them. Critical from 3 %.',
    evidence: 'lostRatio, lost, expected, burstR, bursts, longestLossRun',
  },
  high_jitter: {
    meaning:
      'Jitter above 30 ms or delay variation above 60 ms at the 95th percentile: more than a usual 50 ms playout buffer absorbs. Critical above 50 and 100 ms.',
    evidence: 'jitterP95Ms, jitterMeanMs, jitterMaxMs, pdvP95Ms, pdvMaxMs, jitterThresholdMs, pdvThresholdMs',
  },
} as const;

export type FindingCode = keyof typeof FINDING_CODES;
