import type { FindingCodeEntry } from './finding-codes.ts';

/** Findings about the capture itself: what it cannot be believed in. Part of `FINDING_CODES`. */
export const CAPTURE_CODES = {
  capture_drops: {
    about: 'capture',
    foundIn: 'capture',
    meaning:
      'The capturing machine says that it lost packets (live counters; in pcapng statistics of the interface, and what packets say was lost before them). Above 1 % the capture is untrusted, and findings about loss, jitter and discard are held back; below, those of the moments in which it lost them, where these are known (live, and by the packets of a pcapng file). Also said where receivers report to have had what the capture lacks; then findings about that loss are held back, seconds missing in one piece (media_interrupted) among them where most of them were received. Of kind `shed`: the live probe did not keep up, and left out new streams, whole, so that those being measured lose nothing; that media is missing is then held back for their calls.',
    usually: 'A capture process too slow for its link, or too small a buffer.',
    check: 'Buffer size, disk and CPU of the capturing machine.',
    owner: ['capture'],
    evidence: 'dropped, droppedRatio, kind, streams, packets',
  },
  capture_duplicates: {
    about: 'capture',
    foundIn: 'capture',
    meaning: "Half or more of a stream's packets came twice: the mirror copies them on their way in and out.",
    usually: 'A mirror session with both directions of two ports or VLANs that the packet crosses.',
    check: 'Mirror one direction per port, or de-duplicate.',
    owner: ['capture'],
    evidence: 'streams, duplicates, packets',
  },
  capture_one_sided: {
    about: 'capture',
    foundIn: 'capture',
    meaning:
      'The tap sees one direction of media only: receivers report packets that it never saw, or no call shows the other direction; or it sees none between two networks, as three calls or more that should have had some show. Absence of media is then no finding.',
    usually: 'Asymmetric routing, or a mirror of one direction.',
    check: 'Where the other direction flows, and mirror that too.',
    owner: ['capture'],
    evidence: 'calls, oneSided, reason',
  },
  capture_truncated: {
    about: 'capture',
    foundIn: 'capture',
    meaning: 'SIP messages were cut by the snap length, or the file ends inside a packet.',
    usually: 'A snap length below 1500, a capture that was killed, a full disk.',
    check: 'Capture whole packets (-s 0).',
    owner: ['capture'],
    evidence: 'messages',
  },
  capture_clock: {
    about: 'capture',
    foundIn: 'capture',
    meaning:
      "The capture's clock cannot be trusted: it went backwards by more than 100 ms, it jumped (unrelated streams step in delay at one moment, their TTL unchanged, and hardly any stream that runs stays where it was), it drifts (unrelated senders drift alike), its resolution is coarser than 1 ms, all packets have one stamp, or packets are stamped in batches (those of unrelated senders at one moment). Jitter and delay findings are then held back.",
    usually:
      "A virtual machine's clock, NTP stepping, merged files of different machines; interrupt coalescing or a buffer that is emptied now and then.",
    check: 'Time synchronisation of the capturing machine: slew, do not step.',
    owner: ['capture'],
    evidence: 'kind, stepMs, streams, packets, skewPpm, resolutionMs, batchMs',
  },
  capture_standstill: {
    about: 'capture',
    foundIn: 'capture',
    meaning:
      'No packet of any kind came for a second or more, while four streams or more ran that lack what was sent meanwhile, and no receiver reports on it. The capture stood still, or everything that it sees did: interruptions of calls (media_interrupted with `captureSilentMs`) may be one or the other. Where receivers report to have had what is missing, it was the capture, and those interruptions are held back; where they report to lack it, too, it was not, and this is not said.',
    usually:
      'A mirror session that was changed, a capturing machine that was suspended or out of breath; or the mirrored link or its switch was down for that time.',
    check:
      'Logs of the capturing machine and of the switch for that second; whether callers noticed anything.',
    owner: ['capture', 'network'],
    evidence: 'times, longestMs, streams, atUs',
  },
  capture_thinned: {
    about: 'capture',
    foundIn: 'capture',
    meaning:
      'Four streams or more, of three senders or more and both ways, lack the same share of packets (10 % or more, as near as chance brings it), from beginning to end and never more in a row than chance makes them; no stream lacks less, and no receiver reports to lack them. The capture holds a sample of the packets, or the network loses as evenly: findings of that loss are held back, and scores are doubtful. Where receivers report to have had them, or messages of SIP are missing that were not sent again, it is the capture.',
    usually:
      'Sampling on a switch or router (sFlow, a sampled mirror session), a packet broker that shares packets out instead of flows, a capture filter that keeps one packet in so many.',
    check:
      'Sampling rate of the mirror session or exporter, and how the packet broker shares its load; capture all packets.',
    owner: ['capture', 'network'],
    evidence: 'streams, senders, lostRatio, received, sipMissing, atUs',
  },
  mirror_oversubscribed: {
    about: 'capture',
    foundIn: 'capture',
    meaning:
      'Unrelated streams lost packets within the same 20 ms, again and again and in both directions, and no receiver reports that loss. The mirror port dropped them; loss findings of these streams, and of T.38 in the same instants, are held back.',
    usually: 'More traffic mirrored to the port than it can carry.',
    check: 'Output drops of the mirror port; mirror less, or to a faster port.',
    owner: ['capture'],
    evidence: 'instants, streams, lost, onlyAtProbe, reported',
  },
} as const satisfies Record<string, FindingCodeEntry>;
