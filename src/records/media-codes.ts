import type { FindingCodeEntry } from './finding-codes.ts';

/** Findings about whether media flows, and where to. Part of `FINDING_CODES`. */
export const PRESENCE_CODES = {
  no_media: {
    about: 'media',
    foundIn: 'judgedCalls',
    meaning:
      'The call was answered (or already up when the capture began), both sides asked for two-way audio for 5 s or more (the first 3 s after the answer and after each re-INVITE apart), and no audio was seen either way. Not said when the capture holds no media at all.',
    usually:
      'Media blocked by a firewall in both directions, or both sides were given addresses that cannot be reached.',
    check: 'Compare the addresses in both SDPs with what the firewall lets through.',
    owner: ['network', 'pbx'],
    evidence: 'callerToCalleePackets, calleeToCallerPackets, talkMs; othersSilentMs',
  },
  one_way_media: {
    about: 'media',
    foundIn: 'judgedCalls',
    meaning:
      'As no_media, but one direction was heard. `direction` is the one that is missing. Not said when the tap has shown no sign that it can see that direction (capture_one_sided). Where the tap sees both hops of a media relay, it is said of a hop as well: `relay` gets the media on the other hop and does not send it on. Of T.38 it is said in calls that were heard both ways before. Calls that announce the same endpoints (legs of a B2BUA that leaves media alone) are judged by the streams of all of them.',
    usually:
      'NAT or a firewall that lets media out and not in, or a private address in the SDP of the side that is not heard by the other.',
    check: 'The address the silent direction should be sent to: is it reachable from the sender?',
    owner: ['network', 'pbx', 'device'],
    evidence: 'callerToCalleePackets, calleeToCallerPackets, talkMs, sdpAddress; relay, othersSilentMs',
  },
  late_media: {
    about: 'media',
    foundIn: 'judgedCalls',
    meaning:
      'The first packet of a direction came more than 2 s after the answer. Time on hold does not count; media that was already flowing is never late.',
    usually:
      'A gateway or SBC that opens the media path late, ICE or DTLS that takes long, or a NAT that waits for the other side to send first.',
    check: 'What happens between the 200 and the first packet: ICE checks, DTLS, a re-INVITE?',
    owner: ['pbx', 'network'],
    evidence: 'delayMs, thresholdMs',
  },
  media_stopped: {
    about: 'media',
    foundIn: 'judgedCalls',
    meaning:
      'A direction ended 5 s or more before the call did, while both sides still asked for two-way audio. Silence suppression is given 30 s. After a transfer that worked the call may go without. `otherIdleMs` says how long the other direction had sent no RTP by then, from ten seconds on. `behindProbe`: it passes the tap, and by the last two reports of its receiver or more nothing of it arrives any more, for 5 s of two-way talk and 250 packets (holds, and 3 s before them, apart).',
    usually:
      'A NAT or firewall binding that expired, an endpoint that lost its network or crashed, a route that changed.',
    check:
      'Whether other calls of the same path stop at the same age or idle time (state_timeout), and whether the endpoint was still registered. With `otherIdleMs`: how long NATs and firewalls keep what is idle.',
    owner: ['network', 'device'],
    evidence:
      'silentMs, lastPacketAgeMs, otherDirectionFlows, otherIdleMs; behindProbe, packetsPassed, reports',
  },
  media_moved: {
    about: 'media',
    foundIn: 'judgedCalls',
    meaning:
      'A direction goes on from another address or port in the middle of the talk, to the same receiver. Critical when the other direction goes on to the place that was left for 5 s or more (`strayMs`): who moved hears nothing. Else a warning when a second or more is missing between the two (`gapMs`; silence suppression apart), and information when both ways go on at once, or when a new description said so in time (`announced`). `returnFollowed` says whether the other direction began to go to the new place; null where it went elsewhere before, or was not seen. One finding per direction, the worst of its `moves`. Only what is certain: calls with ICE, hold, transfers, senders that come back to where they were, and hosts that send from another port of an address they announced are left out, and with another SSRC the other direction must have gone to the place that was left.',
    usually:
      'A telephone that changed its network (Wi-Fi to mobile, a VPN that went up or down) or a NAT or firewall that chose another port for its media (restart, failover, expired binding), and a far side that stays with the first address.',
    check:
      'Whether the telephone sends a re-INVITE or UPDATE when its address changes, and whether the PBX or SBC follows the source of media (symmetric RTP) after the first packets.',
    owner: ['network', 'device', 'pbx'],
    evidence:
      'fromAddress, toAddress, gapMs, announced, returnFollowed, followedAfterMs, strayMs, sameSsrc, moves',
  },
  media_interrupted: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      "A second or more of media is missing in the middle: sequence numbers are missing, or the sender's clock ran on without a sign of silence suppression. These losses do not count again in the loss findings. With `captureSilentMs` no packet of any kind was captured meanwhile: the capture may have stood still (capture_standstill).",
    usually: 'A link or Wi-Fi roam that was down for a moment, a route change, a firewall failover.',
    check: 'Interface and routing logs for that second; other calls at the same moment (shared_onset).',
    owner: ['network'],
    evidence: 'interruptions, longestMs, missingPackets, totalMs; captureSilentMs',
  },
  sender_paused: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      'A second or more passed without a packet, no sequence number is missing, and the packets after it stayed as much later: the sender stopped and went on. Hold and silence suppression are not meant, nor what another stream to the same receiver fills.',
    usually:
      'A device that slept, an app in the background, an overloaded endpoint, or media stopped locally without a re-INVITE.',
    check: 'The sending device: power saving, CPU load, application state at that time.',
    owner: ['device'],
    evidence: 'pauses, longestMs, totalMs',
  },
  dead_air: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      'Packets flow, but 95 % of the PCMU or PCMA octets looked at were zero level for 10 s or more, while not on hold. Warning when it is most of the call, else information. Silence suppression is not dead air.',
    usually:
      'A muted microphone, a headset on another audio device, a gateway with no signal on its other side.',
    check: 'Mute and audio device at the sender; the other leg of a gateway.',
    owner: ['device', 'user'],
    evidence: 'longestMs, ratio, thresholdMs',
  },
  media_rejected: {
    about: 'media',
    foundIn: 'callsOrStreams',
    meaning:
      'ICMP or ICMPv6 errors quote media of the call, or packets to where the call announced media, while the media was wanted (two-way audio or T.38): 3 errors or more over 1 s or more (5 s where the end of the call was not seen), or any at all in a direction of which nothing else is seen. Port, host, network or protocol unreachable, administratively prohibited, time exceeded and packet too big are told apart. `errorsAtLeast` is a lower bound: hosts and routers limit the rate of errors. Critical when the direction is refused for half of the time it is sent, or nothing of it is seen; information when only RTCP is refused. What is refused after the end of the call, on hold or within one second is no finding. Without a call it is about the stream, from 5 s on.',
    usually:
      'The receiver has closed or never opened the port (a crash, a call that it thinks is over, a wrong port in its SDP), or a firewall or router on the way has no rule or no route for the media.',
    check:
      'Who refuses: the receiver itself (is anything bound to the port of its SDP?) or a router on the way (rule or route for that address).',
    owner: ['device', 'network'],
    evidence: 'reason, icmp, from, fromReceiver, to, rtcp, errorsAtLeast, refusedMs, sentMs',
  },
  private_sdp_address: {
    about: 'media',
    foundIn: 'callsOrStreams',
    meaning:
      'An SDP that went to or came from a public address names a private one (RFC 1918, RFC 6598, unique local, link local) as the place to send media to. Warning when media in that direction went there in vain, or was due for 5 s and is missing where the tap could have seen it; `mediaArrives` is null where that was not seen.',
    usually:
      'A client behind NAT without STUN, a wrong external address in a PBX, or a SIP ALG that does half its work.',
    check:
      'The external address setting of the sender of that SDP, or whether the far side answers to where media comes from.',
    owner: ['pbx', 'device'],
    evidence: 'address, sentFrom, sentTo, mediaArrives',
  },
  source_differs_from_sdp: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      'Media of a side comes from another address or port than its SDP names. Information as long as it works: NAT does this to every call through it. ICE calls are left out, and so is what flows only before the answer or on hold.',
    usually: 'NAT between the sender and the tap, or a device that sends and receives on different ports.',
    check: 'Nothing if audio works; otherwise whether the far side sends back to where media comes from.',
    owner: ['network'],
    evidence: 'announced, seen, addressDiffers, portDiffers',
  },
  rtp_to_wrong_address: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      'Media is sent to where the receiver neither asked for it nor sends from, to an address it has moved away from by a new SDP, or from a public to a private address that nothing comes back from.',
    usually: 'An endpoint that ignores a re-INVITE, a stale NAT latch, a wrong external address.',
    check: 'The last SDP of the receiver against where packets go.',
    owner: ['pbx'],
    evidence: 'sentTo, announced, reason, packets',
  },
  unexpected_rtp: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      'Media reaches a call from a source that is in no SDP of it while its real sender is heard, or goes on for 5 s or more after the call has ended. What flows only before the answer or on hold is not meant.',
    usually:
      'A stale stream of an earlier call, a device that missed the BYE, a conference or recording leak, in the worst case injected media.',
    check: 'Who owns the source address, and whether it believes itself in a call.',
    owner: ['device', 'pbx'],
    evidence: 'source, packets, reason',
  },
} as const satisfies Record<string, FindingCodeEntry>;

/** Findings about what was agreed and what was sent. Part of `FINDING_CODES`. */
export const NEGOTIATION_CODES = {
  payload_type_not_negotiated: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      'Audio is sent with a payload type that no SDP of the receiver lists, or lists for telephone events alone, for a second or more. Critical where most of a stream has a dynamic payload type that nobody can play. Comfort noise (13) is forgiven; telephone events are dtmf_mismatch.',
    usually:
      'A sender that answers with its own numbers for dynamic payload types, or ignores the answer: where it is a number of events, its audio is heard as keys or not at all.',
    check: 'The rtpmap lines of both SDPs for that number.',
    owner: ['device', 'pbx'],
    evidence: 'payloadType, negotiated, listedFor, packetsMs',
  },
  codec_changed: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      "The codec of one stream changes during the call without a new SDP around the change. Information when the receiver's SDP allows the new one.",
    usually: 'A gateway that switches codecs within what was agreed, for fax or for bandwidth.',
    check: 'Whether the receiver follows: score and sound before and after.',
    owner: ['pbx'],
    evidence: 'from, to, changes',
  },
  codec_mismatch: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      'The two directions of an answered call use different codecs for 5 s or more at the same time. Or, as information, two legs of one conversation do: somebody between them transcodes.',
    usually:
      'An answer with several codecs of which each side picks another; transcoding somewhere on the way.',
    check: 'The order of codecs in offer and answer; whether the SBC transcodes.',
    owner: ['pbx'],
    evidence:
      'callerToCallee, calleeToCaller, overlapMs; between legs: codec, otherCodec, ptimeMs, otherPtimeMs, otherCallId',
  },
  ptime_mismatch: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      "Packets hold another length of audio than the receiver's SDP asks for in `a=ptime`, or more than its `a=maxptime`. Or, as information, two legs of one conversation use different packet times: somebody between them repacks.",
    usually: 'A sender that ignores ptime; harmless unless the receiver cannot play it.',
    check: 'Whether the receiver stutters; packet length settings of the sender.',
    owner: ['device'],
    evidence:
      'ptimeMs, askedPtimeMs, maxptimeMs; between legs: codec, otherCodec, ptimeMs, otherPtimeMs, otherCallId',
  },
  clock_rate_mismatch: {
    about: 'media',
    foundIn: 'streams',
    meaning:
      'Timestamps advance at a rate 20 % or more off the clock rate that was agreed for the payload type.',
    usually: 'G.722 sent with 16000, Opus with its sampling rate, a wrong rtpmap.',
    check:
      'The rtpmap of the codec on both sides; the receiver plays too fast, too slow, or resets its buffer.',
    owner: ['device'],
    evidence: 'clockRate, measuredClockRate',
  },
  encryption_mismatch: {
    about: 'media',
    foundIn: 'callsOrStreams',
    meaning:
      "One side's SDP asks for SRTP and the other's for plain RTP in an answered call; or payloads are plainly encrypted (four or more octets longer than the codec makes them, and even as noise) where plain RTP was agreed, or plainly not where SRTP was.",
    usually: 'SRTP set to optional on one side and required on the other, or keys that were lost by a B2BUA.',
    check: 'The profile (AVP or SAVP) and the crypto or fingerprint lines of offer and answer.',
    owner: ['pbx', 'device'],
    evidence: 'callerProfile, calleeProfile, payloadOctets, codecOctets, unevenness',
  },
  dtmf_mismatch: {
    about: 'media',
    foundIn: 'callsOrStreams',
    meaning:
      'The sides do not agree how digits travel: telephone-event in one SDP only, events sent with a payload type the receiver does not list for them, or digits by INFO and by RFC 4733 in one call.',
    usually: 'Different DTMF settings on trunk and PBX; digits are lost or arrive twice in an IVR.',
    check: 'The DTMF method of both sides: RFC 4733, INFO or in-band.',
    owner: ['pbx', 'provider'],
    evidence: 'reason, callerEvents, calleeEvents, eventPackets, infoDigits, infoRefused',
  },
  t38_loss: {
    about: 'media',
    foundIn: 'callsOrStreams',
    meaning:
      'T.38 packets (UDPTL) were lost and neither the copies in later packets nor parity made them good. Warning when it happened next to page data, critical from 1 % of the packets, information when only control signals were hit. Loss that was made good is no finding; the record of the call has it (`t38`). Looked for only where a session description announced `m=image ... udptl t38`.',
    usually:
      'A lossy path, together with less redundancy than its longest run of losses: each copy in a packet makes good one more loss in a row.',
    check:
      'longestLossRun against redundancyDepth: raise the redundancy of the sending gateway (and T38FaxMaxDatagram), then look for the loss on the path.',
    owner: ['network', 'provider'],
    evidence:
      'expected, lost, recovered, unrecovered, unrecoveredRatio, unrecoveredInPage, longestLossRun, errorCorrection, redundancyDepth, fecSpan',
  },
  fax_over_audio: {
    about: 'media',
    foundIn: 'callsOrStreams',
    meaning:
      'The call shows itself as a fax (silence suppression switched off after a refused T.38 offer, or fax tones as events or in G.711) and stays in audio.',
    usually: 'T.38 not allowed on one side; fax over G.711 fails with the first lost packet or clock slip.',
    check: 'Whether the provider supports T.38, and who refused it.',
    owner: ['provider'],
    evidence: 'reason, callingTones, calledTones, codec',
  },
} as const satisfies Record<string, FindingCodeEntry>;
