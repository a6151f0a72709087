import type { FindingWords } from './finding-words.ts';

/** Findings about the capture itself: what it cannot be believed in. Part of `FINDING_CODES`. */
export const CAPTURE_CODES = {
  capture_drops: {
    meaning:
      'The capturing machine says that it lost packets. Above 1 % the capture is untrusted, and findings about loss, jitter and discard are held back.',
    evidence: 'dropped, droppedRatio',
    usually: 'a capture process too slow for its link, or too small a buffer',
    check: 'buffer size, disk and CPU of the capturing machine',
    owner: 'capture',
  },
  capture_duplicates: {
    meaning: "Half or more of a stream's packets came twice: the mirror copies them on their way in and out.",
    evidence: 'streams, duplicates, packets',
    usually: 'a mirror session with both directions of two ports or VLANs that the packet crosses',
    check: 'mirror one direction per port, or de-duplicate',
    owner: 'capture',
  },
  capture_one_sided: {
    meaning:
      'The tap sees one direction of media only: receivers report packets that it never saw, or no call shows the other direction. Absence of media is then no finding.',
    evidence: 'calls, oneSided, reason',
    usually: 'asymmetric routing, or a mirror of one direction',
    check: 'where the other direction flows, and mirror that too',
    owner: 'capture',
  },
  capture_truncated: {
    meaning: 'SIP messages were cut by the snap length, or the file ends inside a packet.',
    evidence: 'messages',
    usually: 'a snap length below 1500, a capture that was killed, a full disk',
    check: 'capture whole packets (-s 0)',
    owner: 'capture',
  },
  capture_clock: {
    meaning:
      "The capture's clock cannot be trusted: it went backwards by more than 100 ms, it jumped (unrelated streams step in delay at one moment), it drifts (unrelated senders drift alike), or its resolution is coarser than 1 ms. Jitter and delay findings are then held back.",
    evidence: 'kind, stepMs, streams, packets, skewPpm, resolutionMs',
    usually: "a virtual machine's clock, NTP stepping, merged files of different machines",
    check: 'time synchronisation of the capturing machine: slew, do not step',
    owner: 'capture',
  },
  mirror_oversubscribed: {
    meaning:
      'Unrelated streams lost packets within the same 20 ms, again and again and in both directions, and no receiver reports that loss. The mirror port dropped them; loss findings of these streams are held back.',
    evidence: 'instants, streams, lost, onlyAtProbe, reported',
    usually: 'more traffic mirrored to the port than it can carry',
    check: 'output drops of the mirror port; mirror less, or to a faster port',
    owner: 'capture',
  },
} as const satisfies Record<string, FindingWords>;
