import type { FindingCodeEntry } from './finding-codes.ts';

/** Findings about registrations. They belong to an address of record (`party`), not to a call. */
export const REGISTRATION_CODES = {
  registration_failed: {
    about: 'signalling',
    foundIn: 'registrations',
    meaning:
      'A REGISTER was refused (403, 404, 5xx, ...), its credentials were refused twice in a row, it got no answer in 32 s, or it was sent elsewhere (3xx) and the device did not go there. Nothing is said where the tap would not see it go. Information when one source fails so often, or one user from so many sources, that it looks like password guessing (`bruteForce`); not where most of the users of that source had registered from there before.',
    usually:
      'A wrong password or user, a device registered at the wrong server, a domain that is not served; without answer, a firewall or a registrar that is down; with 3xx, a device that does not follow redirections, or registrars that send it in a circle.',
    check: 'The final code; with 401 or 403 the account, without answer the path to the registrar.',
    owner: ['pbx', 'device', 'provider'],
    evidence:
      'aor, contact, finalCode, failures, attempts, source, userAgent, waitedMs, redirectedTo, bruteForce; triedAors, triedFrom, spanMs',
  },
  registration_lost: {
    about: 'signalling',
    foundIn: 'registrations',
    meaning:
      'A binding expired without being refreshed or removed while the capture went on. Where refreshes were seen and failed, it says how many (`failures`) and with what (`finalCode`). Not said where the same device came back with another contact.',
    usually:
      'The device lost power or network, or its refreshes do not reach the registrar (NAT binding or TCP connection gone). With failures: the account or the registrar.',
    check:
      'Whether REGISTERs of the device still pass, and whether its neighbours were lost at the same moment.',
    owner: ['device', 'network'],
    evidence: 'aor, contact, source, registeredMs, sinceRefreshMs, expiresS, failures, finalCode',
  },
  registrations_lost_together: {
    about: 'signalling',
    foundIn: 'registrations',
    meaning:
      'Five or more registrations from one network (/24, in IPv6 /64) at one registrar, and at least half of those that there are, were lost in one silence: after a moment at which all of them held, none was refreshed before the first ran out. It begins with that moment (or the first refusal), and is told when all are back, at the latest ten minutes after it is sure. Each has its own `registration_lost`.',
    usually:
      'A site without power or uplink, a NAT or firewall that was restarted, a VPN that is down. Where refreshes were refused (`finalCode`): the registrar, or the credentials of the site.',
    check: 'Whether anything else of that network passes, and when the first of them came back.',
    owner: ['network', 'pbx', 'provider'],
    evidence: 'network, registrar, lost, others, back, silentMs, failures, finalCode',
  },
  registration_taken_over: {
    about: 'signalling',
    foundIn: 'registrations',
    meaning:
      'A user was registered from a public address by another program (User-Agent), from a network and by a program that this user had not been seen with, while the earlier registration was alive and not removed; and the answer does not list the earlier contact, as it would if both were in force (RFC 3261 10.3). A warning where the registrar was seen to list several contacts of a user, else information: registrars that list the asking contact alone are found out, and say nothing more. Several devices of one user and telephones that change networks are none.',
    usually:
      'A telephone that was replaced without being switched off, or a second one at a registrar that keeps one contact; in the worst case somebody who has the password.',
    check:
      'Whose the new address is; if nobody knows it, the password of this user and its calls since then.',
    owner: ['pbx', 'user'],
    evidence:
      'aor, contact, source, userAgent, earlierContact, earlierSource, earlierUserAgent, earlierExpiresInMs, listsOthers',
  },
  sip_scan: {
    about: 'signalling',
    foundIn: 'capture',
    meaning:
      'A stranger looked for SIP servers (OPTIONS), for users (INVITE, REGISTER) or for a prefix that gets calls out (INVITE). Known by a User-Agent of programs that are made for scans, from the first request on; or by what it did: 20 users or numbers or more, at most 5 % of them served and at least half refused (not with 408 or 5xx, which 10 % may have), half of them tried in order (the next number, or the same number behind another prefix), called by their own name, or with a User-Agent that scans often have; or 20 hosts or more asked, hardly one of them again, at most half of them with success, in order or 50 and more. Never a host that answers requests itself, or was served before. Critical where it was let in: a REGISTER or INVITE of it was answered with 2xx. A warning where telephones rang, or answers tell users that exist (401, 407) from those that do not (404). Calls of it that nobody answered are in no ratio (`ofScan`, counted as `ofScans`), and their findings and its failed registrations are held back with this as reason. Users tried with REGISTER alone are told as password guessing (`registration_failed`) where that is said. Told a minute and a half after its last request, or eleven minutes after the first; half a minute after it was let in.',
    usually:
      'An open SIP port on the Internet: programs go through all addresses all day. From an inside address, an infected machine, or somebody who tests the security.',
    check:
      'Whether it was let in (`letIn`): then the account, its password and its calls since. Else whether the port has to be open to everybody, and whether the server answers unknown users like known ones.',
    owner: ['pbx', 'network'],
    evidence:
      'source, userAgent, scannerAgent, methods, hosts, hostsAnswered, users, usersTold, ringing, answers, letIn, spanMs, isCut, callsLeftOut, callsToldBefore, notTold',
  },
  registration_flapping: {
    about: 'signalling',
    foundIn: 'registrations',
    meaning:
      'A device came and went: at least three times within ten minutes it registered anew after it was gone, or with a changing contact.',
    usually:
      'An unstable link (Wi-Fi, VPN), two devices with one account, or NAT that gives a new port each time.',
    check: 'The contacts and sources of the registrations: one device or two?',
    owner: ['network', 'device'],
    evidence: 'aor, contact, source, returns, spanMs, expiresS',
  },
  registered_unreachable: {
    about: 'signalling',
    foundIn: 'calls',
    meaning:
      'A call to a user with a live registration found no telephone: no answer to the INVITE at all, or 408, 430 or 480 without ringing. Information when a 480 came at once, as with "do not disturb".',
    usually:
      'The NAT binding or connection the device registered through is gone: it can call out, and nothing comes in. Registration interval longer than the NAT timeout.',
    check:
      'Keep-alive interval against the NAT timeout, and whether the contact is the address the device sends from.',
    owner: ['network', 'device'],
    evidence: 'aor, contact, registeredForMs, expiresInMs, finalCode, waitedMs, retransmissions',
  },
} as const satisfies Record<string, FindingCodeEntry>;
