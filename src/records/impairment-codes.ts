import type { FindingCodeEntry } from './finding-codes.ts';

/** Findings about how media travels. Part of `FINDING_CODES`. */
export const IMPAIRMENT_CODES = {
  random_loss: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      '1 % of the packets or more were lost, or 5 % of 5 s or more, spread about as independent loss would be (burst ratio below 1.5). Critical from 3 % of the whole stream. Seconds that are missing in one piece (media_interrupted) do not count (`leftOutMs`). `lostRatio` is of the whole stream, `spanLostRatio` of the time from the first loss to the last (`spanMs`); both of the stretch where only a stretch is bad. `longestLossMs` is the audio in the longest hole. `signature` is `worse_with_age` where loss (or jitter, or lateness) grows steadily with the age of the call, or begins at one age in several calls of one way that began at different times.',
    usually: 'A duplex mismatch, a bad cable or optic, Wi-Fi noise, random early drop.',
    check: 'Error counters of the interfaces on the way.',
    owner: ['network'],
    evidence:
      'lostRatio, spanLostRatio, spanMs, leftOutMs, lost, expected, burstR, bursts, longestLossRun, longestLossMs, delayAtLossMs, delayElsewhereMs, queueAtLoss, signature, onsetAgeMs, ageCalls, firstQuarter, lastQuarter',
  },
  burst_loss: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      'As random_loss, in runs at least 1.5 times as long as independent loss would make them. `signature` is `wifi_roaming` where both directions stop together again and again, or once with another path afterwards, and what had waited comes in a burst.',
    usually:
      'A queue that overflows (delay rises with the losses), policing, Wi-Fi interference, a link that flaps (it does not).',
    check: 'Queue drops and policers on the way, and what else was sent at that moment.',
    owner: ['network', 'provider'],
    evidence:
      'lostRatio, spanLostRatio, spanMs, leftOutMs, lost, expected, burstR, bursts, longestLossRun, longestLossMs, delayAtLossMs, delayElsewhereMs, queueAtLoss, signature, roams, longestHaltMs, device',
  },
  critical_loss: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      '1 % of the packets or more were lost, each alone (never two within 16), and each heard: packets of 40 ms and more are too long to conceal, or the losses come in a regular beat.',
    usually:
      'As random_loss, with long packets; a regular beat is a policer or a defect that counts packets.',
    check: 'Packet length: 20 ms would have hidden most of it.',
    owner: ['network'],
    evidence:
      'lostRatio, spanLostRatio, spanMs, leftOutMs, lost, expected, ptimeMs, everyPackets, longestLossRun, longestLossMs',
  },
  high_jitter: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      'Jitter above 30 ms or delay variation above 60 ms at the 95th percentile, or for 10 s or more on end: more than a usual 50 ms playout buffer absorbs. Critical above 50 and 100 ms. `judgedJitterMs` and `judgedPdvMs` are the figures it goes by: those of intervals, pauses of the sender left out; the others are of the whole stream. `signature` names what late packets look like, where they look like something: Wi-Fi power save (released at multiples of the beacon interval).',
    usually: 'Queues shared with data traffic, Wi-Fi, an overloaded sender.',
    check:
      'Whether voice has its own queue on the slowest link; all streams of one sender bad means the sender.',
    owner: ['network', 'device'],
    evidence:
      'judgedJitterMs, judgedPdvMs, jitterP95Ms, jitterMeanMs, jitterMaxMs, pdvP95Ms, pdvMaxMs, badMs, jitterThresholdMs, pdvThresholdMs, senderStreams, senderJittery, senderPacing, signature, releases',
  },
  late_discard: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      "1 % of the packets or more came too late for the receiver's playout buffer (the model that the score names) and were as good as lost; what a buffer has no room for, or takes for a spike of the delay, counts along, and the text says what most of them were. Critical from 3 %. What a buffer drops only to shorten itself is not meant.",
    usually: 'Delay spikes that a buffer cannot follow; a buffer that is fixed too low.',
    check: "The receiver's jitter buffer settings against the depth named, then the cause of the spikes.",
    owner: ['network', 'device'],
    evidence:
      'discardRatio, lateRatio, earlyRatio, droppedRatio, discarded, playout, nominalMs, bestDepthMs, signature, releases',
  },
  high_delay: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      'Half the measured round trip exceeds 150 ms (G.114: information) or 400 ms (warning). From RTCP round trips only, never assumed.',
    usually: 'Distance, satellite, a detour through a far media relay, bufferbloat.',
    check:
      'Where the media relay stands, and whether the delay is constant (distance) or comes and goes (queues).',
    owner: ['provider', 'network'],
    evidence: 'oneWayMs, roundTripMs, measuredSides',
  },
  reordering: {
    about: 'media',
    foundIn: 'streams',
    meaning: '1 % of the packets or more, and five at least, overtook each other. Warning from 10 %.',
    usually: 'Load sharing per packet over links of different delay.',
    check: 'Per-packet load balancing on the way; it should be per flow.',
    owner: ['network'],
    evidence: 'reordered, ratio, packets',
  },
  clock_drift: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      "The sender's clock is more than 200 ppm off the capture's over a minute or more. Warning from 1000 ppm. Not said when many senders drift alike: then it is the capture's clock (capture_clock). `skewPpm` leaves out what a step of the delay makes; `streamSkewPpm` is the figure of the stream, which does not.",
    usually:
      'A soft clock or a gateway without synchronisation: a buffer over- or underruns every few minutes.',
    check: 'Clock source of the gateway; sample rate conversion of a softphone.',
    owner: ['device'],
    evidence: 'skewPpm, streamSkewPpm, thresholdPpm, slipMsPerMinute',
  },
  queueing: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      'Delay ramps up and down slowly (packets of one moment agree, over seconds it moves by 40 ms or more): a queue fills and drains. Where 1 % or more is lost as well, it overflows, and the loss is told beside it. Also said of a queue that stands full: the delay steps up, stays there for 15 s or more, falls back with the TTL unchanged and no packet overtaking, and 1 % or more of the packets are lost meanwhile, four times as much as elsewhere.',
    usually: 'Bufferbloat: a large buffer on a link that uploads or backups fill.',
    check: 'What else uses the slowest link at those times; shape it or give voice priority.',
    owner: ['network'],
    evidence:
      'rampMs, rampingIntervals, intervals, lostRatio, overflows, bufferbloat, standingMs, standingLostRatio',
  },
  path_change: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      'The packets came another way from some moment on: their TTL changed and stayed, or the least delay stepped by 10 ms or more and stayed for 15 s (by 30 ms where the stream begins less than 10 s before, or ends 10 s after). Not said of a sender that pauses as the call is answered or a new description comes into force, and goes on where its timestamps were, nor of a queue that stands full for as long (queueing). Warning for steps of 100 ms and more.',
    usually: 'Rerouting, a link that failed over, a media relay that moved.',
    check: 'Routing changes at that time.',
    owner: ['network'],
    evidence: 'fromTtl, toTtl, stepMs, changes',
  },
  periodic_impairment: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      'Losses or delay spikes come in a steady beat of half a second or more, five times at least. Others between them do not hide it as long as two in five keep to the beat, and chance would hardly make it.',
    usually: 'A timer: Wi-Fi scans and power save, routing updates, polling, a backup or a virus scan.',
    check: 'What on the way runs with that period.',
    owner: ['network'],
    evidence: 'kind, periodMs, phaseMs, dutyRatio, episodes, regularity, signature, releases',
  },
  shared_onset: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      'Four streams or more of at least three calls became bad within 2 s of each other. Names what they have in common and the others do not. Where five such moments or more, with the same in common, keep to a beat, it says which: no single call need be long enough to show it.',
    usually: 'One cause in what they share: a link, a site, a trunk, a device.',
    check: 'Events at that moment in what they share.',
    owner: ['network', 'provider'],
    evidence:
      'streams, calls, sharedLabel, sharedValue, unaffected, codes, streamIds; periodMs, phaseMs, moments',
  },
  state_timeout: {
    about: 'media',
    foundIn: 'calls',
    meaning:
      'Three calls or more between the same two networks lost a direction of media at the same age, within 2 s; or after the other direction had sent nothing for the same time (ten seconds or more, `idleMs`).',
    usually:
      'A firewall or NAT that forgets a flow after a fixed time, or one that is idle for so long (with `idleMs`); a session timer, or senders that give up where nothing comes.',
    check:
      'UDP timeouts of the firewalls between these networks; with `idleMs`, whether devices keep the flow open when muted.',
    owner: ['network'],
    evidence: 'ageMs, idleMs, spreadMs, calls, from, to',
  },
  loss_before_probe: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      '1 % or more of the packets that tap and receiver both count were lost before the tap: the receiver lacks what the tap lacks. Information: the loss itself is in the loss finding.',
    usually: 'The cause lies between sender and probe.',
    check: "The sender's side of the network.",
    owner: ['network'],
    evidence: 'ratio, lost, compared',
  },
  loss_after_probe: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      '1 % or more of the packets were lost behind the tap: the receiver reports them missing, the tap saw them. Critical from 3 %. What never arrives again is no loss that reports count: media_stopped.',
    usually: 'The cause lies between probe and receiver, in its Wi-Fi or access line as often as not.',
    check: "The receiver's side of the network.",
    owner: ['network', 'device'],
    evidence: 'ratio, lost, compared',
  },
  dscp_unmarked: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      'Voice is not marked EF (46) or VOICE-ADMIT (44), or as `marking` of the configuration has it, where the tap stands: unmarked, or with another class, for most of the stream. The same of the signalling of one side of a call (`traffic` sip) where the configuration says how that is marked. Information.',
    usually: 'Marking not configured at the sender, or removed on the way.',
    check:
      "QoS policy at the sender's switch port and at trust boundaries; the other direction tells whether marking is used at all.",
    owner: ['network'],
    evidence: 'traffic, dscp, expectedDscp, otherDirectionDscp',
  },
  dscp_changed: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      'The marking of one stream changed during the call, and the new one stayed for a second or more.',
    usually: 'A policer that marks down, a route through a device with another policy.',
    check: 'Remarking policies on the way, and path_change at the same moment.',
    owner: ['network'],
    evidence: 'from, to, changes',
  },
} as const satisfies Record<string, FindingCodeEntry>;
