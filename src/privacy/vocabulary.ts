/** Words of the protocols themselves: they tell of nobody. Everything else in signalling is taken for a name. */
export const VOCABULARY: ReadonlySet<string> = new Set(
  `
  sip sips tel tels urn service sos invite ack bye cancel options register prack update info message notify subscribe refer
  publish udp tcp tls ws wss sctp dtls via from to call id callid cseq contact max forwards content length type encoding
  disposition language route record path allow supported require unsupported proxy accept expires min session se refresher
  uac uas timer replaces norefersub outbound gruu 100rel precondition histinfo tdialog join answermode eventlist pref
  user agent server date timestamp warning reason text cause q 850 subject organization priority normal urgent emergency
  non in reply alert error authorization authenticate www authentication digest basic algorithm md5 sha 256 auth
  int qop nonce cnonce nc opaque stale realm username response uri domain event allow events subscription state active
  pending terminated deactivated probation rejected timeout giveup noresource retry after rack rseq p asserted preferred
  identity associated called party access network charging vector function addresses visited remote rpid privacy header
  critical none full screen yes no off unknown diversion history index counter limit unconditional noanswer no answer
  busy do not disturb deflection follow me out of service time day away unavailable unregistered limitinfo referred by sub
  target dialog replaces early only tag branch rport received maddr ttl transport method lr ob alias instance reg gr phone
  context ip comp sigcomp rinstance isfocus audio video image application data text message methods mobility duplex class
  description automata extensions actor schemes purpose icon card info ring render mime version boundary multipart mixed
  related alternative sdp plain xml pidf dialog reginfo conference watcherinfo rlmi resource lists simple summary sipfrag
  dtmf relay vq rtcpxr json isup qsig signal duration messages waiting voice account new old
  anonymous invalid restricted localhost local unavailable
  trying ringing is being forwarded queued progress ok accepted moved temporarily permanently multiple choices use bad
  request unauthorized payment required forbidden found method allowed acceptable gone conditional failed entity too
  large long media extension interval brief location information anonymity disallowed temporarily unavailable
  transaction does exist loop detected many hops address incomplete ambiguous here terminated undecipherable security
  agreement internal implemented gateway out supported busy everywhere decline anywhere unwanted exceeded global failure
  completed elsewhere rejected normal clearing terminated call circuit channel unallocated number user alerting invalid
  format destination order unassigned facility protocol interworking unspecified recovery on expiry incompatible
  description changed handling render session signal optional
  pcmu pcma g722 g729 g723 g726 g728 gsm ilbc opus amr wb evs speex silk telephone cn t38 red h264 h263 vp8 vp9 av1
  rtp avp avpf savp savpf udptl rtcp mux fb nack pli ccm fir rtpmap fmtp ptime maxptime sendrecv sendonly recvonly
  inactive crypto fingerprint setup actpass passive holdconn candidate host srflx prflx relay mid group bundle
  g729a g729b g729d g729e g7221 g7291 amrwb lpc dvi4 vdvi l8 l16 l24 mpa qcelp evrc evrcb smv efr bv16 bv32 siren g7110 clearmode
  ulpfec flexfec rtx red hz khz ilbcv2 silk24 sdes srtp zrtp
  network http https mailto im pres
  `
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** Names that say nobody: kept where a user stands, too. */
export const NOBODY: ReadonlySet<string> = new Set([
  'anonymous',
  'invalid',
  'unavailable',
  'restricted',
  'unknown',
  'sos',
]);

/** Last labels of host names, which tell of no one. */
export const HOST_ENDS: ReadonlySet<string> = new Set(
  'com net org edu gov int arpa local localhost invalid example test lan internal home de at ch fr uk us eu it es nl be pl cz se no dk fi io co info biz'.split(
    ' ',
  ),
);
