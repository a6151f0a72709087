import type { FindingCodeEntry } from './finding-codes.ts';

/** Findings about the signalling of calls. */
export const SIGNALLING_CODES = {
  setup_failed: {
    about: 'signalling',
    foundIn: 'calls',
    meaning:
      'The service failed to set the call up (403, 404, 5xx, ..., or credentials refused). Busy, declined, cancelled, redirected and unanswered calls are not failures. Critical for 5xx and for emergency calls; one step less, as with `setup_timeout` and `codec_negotiation_failed`, where the same parties tried again and were answered before the failure was judged (28 s after it): that is said (`retriedAs`).',
    usually:
      'A route, trunk or registrar that refuses: 404 and 484 a number nobody has, 403 a missing right or an unpaid line, 401 or 407 a wrong password, 482 and 483 a forwarding loop, 5xx a server or trunk out of service or of capacity.',
    check:
      'The final code and its Reason or Warning text, then whether all calls of that trunk or prefix fail.',
    owner: ['pbx', 'provider'],
    evidence:
      'finalCode, afterMs, reasonPhrase, q850Cause, warning, loops, emergency; retriedAs, retriedAfterMs, answeredAfterMs',
  },
  setup_timeout: {
    about: 'signalling',
    foundIn: 'calls',
    meaning:
      'An INVITE got no answer at all within 32 s (RFC 3261 timer B), or was given up after at least three repetitions in vain; or 408 without any ringing; or nothing but 100 Trying for 32 s; or (information) ringing without final response for 5 min.',
    usually:
      'The next hop is down, or a firewall swallows the request or its answer. With 408 or 100 only, the proxy works and what stands behind it does not.',
    check:
      'Whether the target answers OPTIONS or a ping, and a capture on its side of the firewall. `icmp` names who refused the messages, if any ICMP error said so.',
    owner: ['network', 'pbx', 'provider'],
    evidence: 'waitedMs, retransmissions, target, finalCode, emergency, icmp, icmpCount',
  },
  slow_setup: {
    about: 'signalling',
    foundIn: 'calls',
    meaning:
      'The caller heard nothing for more than 6 s after the INVITE: no 180, no 183 with SDP, no answer. Also when the caller gave up meanwhile, or the capture ended.',
    usually:
      'A slow route: a first trunk that must time out before the second is tried, slow DNS or number lookup, a far provider, retransmissions of lost requests.',
    check: 'The time to the first response of each hop: who sits on the request?',
    owner: ['provider', 'pbx', 'network'],
    evidence: 'postDialDelayMs, silenceMs, thresholdMs, firstResponseMs, tries',
  },
  codec_negotiation_failed: {
    about: 'signalling',
    foundIn: 'calls',
    meaning:
      'The two sides found no media they share: refused with 415, 488 or 606, or answered with all audio refused or with no codec that was offered.',
    usually:
      'Codec lists that do not meet, encryption demanded by one side and not offered by the other, or a gateway without transcoding.',
    check: 'Both codec lists and transport profiles (RTP/AVP or RTP/SAVP) in the evidence.',
    owner: ['pbx', 'device', 'provider'],
    evidence: 'finalCode, afterMs, reasonPhrase, q850Cause, warning, offered, answered, by',
  },
  sdp_invalid: {
    about: 'signalling',
    foundIn: 'calls',
    meaning:
      'A session description breaks RFC 8866 or RFC 3264 in a way receivers fail on: unreadable, no address, an unreadable m= line, a dynamic payload type without rtpmap, an answer whose m= lines do not match the offer.',
    usually:
      'A defect of a device, or a SIP ALG or border controller that rewrites descriptions and gets it wrong.',
    check: 'The message named, before and behind each box that rewrites it; switch SIP ALG off.',
    owner: ['device', 'pbx', 'network'],
    evidence: 'fault, by, method, status, faults',
  },
  sip_retransmissions: {
    about: 'signalling',
    foundIn: 'calls',
    meaning:
      'Requests or final responses were sent again by timer (T1 doubling). One or two are information, three or more a warning. Copies within 80 ms (mirror, next hop) do not count, nor do requests that were never answered, which have their own codes.',
    usually:
      'Signalling packets are lost or late on one side of the probe: the request before it reached the other side, or the answer on its way back. Often the first sign of a path that will hurt media too.',
    check: '`afterResponse`: above 0 the loss lies between the probe and the sender; else beyond the probe.',
    owner: ['network', 'pbx', 'provider'],
    evidence:
      'method, status, by, awaited, copies, spanMs, afterResponse, firstGapMs, timerSignature, answered, acknowledged, afterAck, target, total',
  },
  in_dialog_request_unanswered: {
    about: 'signalling',
    foundIn: 'calls',
    meaning:
      'A request within the call (BYE, re-INVITE, UPDATE, INFO, REFER, ..., never ACK) got no answer in 32 s (timer F), or was repeated at least five times in vain. Information where it was not repeated, or where two BYEs crossed.',
    usually:
      'The path that worked for the INVITE does not work for later requests: a firewall or NAT binding that closed, a wrong Contact or Record-Route, or a side that crashed.',
    check: 'The Contact and Record-Route the request was sent to: is that address reachable from the sender?',
    owner: ['network', 'pbx', 'device'],
    evidence: 'method, by, awaited, waitedMs, retransmissions, target, cseq, onlyTrying',
  },
  call_dropped: {
    about: 'signalling',
    foundIn: 'calls',
    meaning:
      'A call that was up ended by something else than a party hanging up: a BYE whose Reason names a failure or a media timeout, a session timer that ran out, a 2xx that was never acknowledged, a re-INVITE or UPDATE refused with 408 or 481 or not answered.',
    usually:
      'After about 32 s: the ACK does not arrive. At the session interval or half of it: refreshes are blocked. At one age for many calls: a firewall state timeout. Media timeouts: RTP stopped first.',
    check: '`cause`, and whether other calls of that path end at the same age.',
    owner: ['network', 'pbx', 'provider'],
    evidence:
      'cause, releasedBy, talkMs, q850Cause; protocol, reasonCause, reasonText; retransmissions, acknowledged; method, status, by; sessionExpiresS, refresher, refreshes, sinceRefreshMs',
  },
  foreign_bye: {
    about: 'signalling',
    foundIn: 'calls',
    meaning:
      'A BYE came from a host that had no part in the call (no message of the call came from or went to it, none named it), in the name of a side that went on: it sent media for 5 s or more, or another request. The call is not taken for ended by it, and `releasedBy` does not name that side. Nothing is said where the host that sends is not known of every message, or where the side fell silent: telephones change networks, and clusters have several addresses.',
    usually:
      'Somebody who knows the identifiers of the call ends it for others (a tear-down attack), or a server that is not where its Contact says.',
    check: 'Who owns the source address, and whether the answer to the BYE (`status`) let it end the call.',
    owner: ['pbx', 'network'],
    evidence: 'source, side, mediaWentOnMs, disprovedBy, status',
  },
  transfer_failed: {
    about: 'signalling',
    foundIn: 'calls',
    meaning:
      'A transfer did not come about: REFER refused or not answered, or the new call failed (NOTIFY). Information when the target was busy, declined or did not answer.',
    usually:
      'REFER not allowed by a provider or border controller, a target the transferred side cannot reach, or Replaces that names a call the target does not know.',
    check:
      'Who refused (`referStatus` or `notifyStatus`), and whether the PBX could transfer by itself instead.',
    owner: ['pbx', 'provider', 'device'],
    evidence: 'by, target, outcome, referStatus, notifyStatus, attended',
  },
  short_call: {
    about: 'signalling',
    foundIn: 'calls',
    meaning: 'Answered and over within 5 s. Information only. Not said of transferred or dropped calls.',
    usually:
      'A voice mailbox or announcement nobody wanted, a wrong number; in numbers, one-way audio, a fax on a voice line, or call fraud.',
    check:
      'Whether short calls gather at one destination, trunk or device, and whether media went both ways.',
    owner: ['user', 'pbx'],
    evidence: 'talkMs, thresholdMs, releasedBy, packets',
  },
} as const satisfies Record<string, FindingCodeEntry>;
