import { createHmac } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { Pseudonyms } from '../../src/privacy/pseudonyms.ts';
import { parseAddress } from '../../src/synth/address.ts';
import { buildScenario } from '../../src/synth/build.ts';
import { udpFrame } from '../../src/synth/frame.ts';
import type { CallSpec, Transport } from '../../src/synth/scenario.ts';

export const KEY = 'a key for tests, long enough';

export function pseudonyms(addresses: boolean, key = KEY, forgets = false): Pseudonyms {
  return new Pseudonyms((text) => createHmac('sha256', key).update(text).digest(), { addresses, forgets });
}

/** Who is in the capture, in every way that is written somewhere in it. */
export const PEOPLE = [
  ...['wilhelmine', 'zwetschge', 'quastenflosser', 'hieronymus'],
  ...['493012345678', '3012345678', '30-12345678', '(30) 123456-78', '81234567'],
  // Base64 of wilhelmine:geheim, and its end.
  ...['d2lsaGVsbWluZTpnZWhlaW0', 'geheim'],
  // Percent-escaped and as character references.
  ...['%77ilhelmine', '%34%37%31%31', '&#52;&#55;&#49;&#49;', '&#x34;&#x37;'],
  ...['WVhJcmFzZWNyZXRrZXlmb3J0aGVtZWRpYQ'],
];

/** Where they are; only hidden where asked for. */
export const PLACES = [
  ...['10.173.219.145', '198.51.133.207', '10.173.219.146', 'sonnenhof', 'klinik-ost'],
  ...['2001:db8:aa17:bb::c0de', '2001:DB8:AA17:BB::C0DE', '2001:0db8:aa17:00bb'],
  ...['172.27.133.144'],
];

/** The Call-ID of the call. */
export const secretCallId = 'wilhelmine-4711-quastenflosser@10.173.219.145';

const CALLER_IP = '10.173.219.145';
const CALLEE_IP = '198.51.133.207';

function call(transport: Transport): CallSpec {
  return {
    transport,
    durationMs: 3000,
    callId: secretCallId,
    caller: { user: '+493012345678', domain: 'pbx.sonnenhof.example', ip: CALLER_IP },
    callee: { user: 'hieronymus.quastenflosser', domain: 'klinik-ost.example', ip: CALLEE_IP },
    infoDigits: { atMs: 1000, digits: '5559137' },
    signalling: {
      userAgents: { caller: 'Phone/1.0 wilhelmine 81234567', callee: 'PBX/2.1 (Wilhelmine)' },
      byeReason: 'Q.850;cause=16;text="Wilhelmine Zwetschge of 10.173.219.145 hung up"',
      transfer: { atMs: 500, target: 'sip:wilhelmine@klinik-ost.example', answer: 202, notify: [200] },
      inviteHeaders: [
        'Subject: Zwetschge, Wilhelmine wants 0049 (30) 123456-78 or 4711',
        'P-Asserted-Identity: "Wilhelmine Zwetschge" <tel:+49-30-12345678>',
        'Remote-Party-ID: "Zwetschge" <sip:%77ilhelmine@10.173.219.145>;party=calling',
        'Diversion: <sip:%34%37%31%31@pbx.sonnenhof.example>;reason=unconditional',
        'History-Info: <sip:wilhelmine@klinik-ost.example?Reason=SIP%3Bcause%3D302>;index=1',
        'Authorization: Basic d2lsaGVsbWluZTpnZWhlaW0=',
        'Proxy-Authorization: Digest username="wilhelmine", realm="sonnenhof", nonce="geheim", response="geheim"',
        'Warning: 399 pbx.sonnenhof.example "wilhelmine zwetschge not here"',
        'X-Zwetschge: Zwetschge=Wilhelmine;ip=2001:DB8:AA17:BB::C0DE',
        'Call-Info: <http://10.173.219.146/wilhelmine.jpg>;purpose=icon',
        'Organization: Zwetschge',
        'P-Charging-Vector: icid-value=wilhelmine81234567;orig-ioi=sonnenhof',
        'Contact: <sip:wilhelmine@[2001:0db8:aa17:00bb::c0de]:5060>',
        `X-Long: ${'filler '.repeat(180)}Wilhelmine`,
      ],
    },
    callerToCallee: { loss: { kind: 'random', ratio: 0.06 } },
  };
}

const NOTIFY_BODY = `<?xml version="1.0"?>
<dialog-info entity="sip:wilhelmine@klinik-ost.example"><dialog id="4711" call-id="wilhelmine">
<local><identity display="Wilhelmine Zwetschge">tel:+493012345678</identity><target uri="sip:&#52;&#55;&#49;&#49;@172.27.133.144"/></local>
<note>call &#x34;&#x37; back: (30) 123456-78</note></dialog></dialog-info>`;

function notify(body: string, contentType: string, callId: string): string {
  return [
    'NOTIFY sip:hieronymus.quastenflosser@198.51.133.207 SIP/2.0',
    'Via: SIP/2.0/UDP 10.173.219.145:5060;branch=z9hG4bKwilhelmine4711',
    'f: Zwetschge <sip:wilhelmine@klinik-ost.example>;tag=wilhelmine',
    't: <sip:hieronymus.quastenflosser@klinik-ost.example>;tag=81234567',
    `i: ${callId}`,
    'CSeq: 4 NOTIFY',
    's: Zwetschge, Wilhelmine',
    '\twants 0049 (30) 123456-78 or 4711',
    ' and 10.173.219.146',
    'Event: dialog',
    `c: ${contentType}`,
    `l: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

const SDP = `v=0\r\no=wilhelmine 493012345678 1 IN IP4 10.173.219.145\r\ns=Zwetschge\r\ni=call 4711\r\nc=IN IP4 10.173.219.145\r\nt=0 0\r\nm=audio 20000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVhJcmFzZWNyZXRrZXlmb3J0aGVtZWRpYQ\r\na=candidate:1 1 UDP 2130706431 172.27.133.144 8998 typ host\r\na=x-wilhelmine:81234567\r\n`;

/** A capture in which people are named wherever they may be. */
export function capture(transport: Transport): Uint8Array {
  const { pcap } = buildScenario({
    calls: [call(transport)],
    registrations: [
      {
        ...{ user: 'wilhelmine', domain: 'klinik-ost.example', ip: '10.173.219.146', expiresS: 60 },
        events: [{ atMs: 100, kind: 'register', answer: 'wrong_password' }],
      },
    ],
  });
  const bodies: [string, string][] = [
    [NOTIFY_BODY, 'application/dialog-info+xml'],
    [
      'Voice-Message: 2/1\r\nMessage-Account: sip:wilhelmine@klinik-ost.example\r\n',
      'application/simple-message-summary',
    ],
    [
      `--wilhelmine\r\nContent-Type: application/sdp\r\n\r\n${SDP}--wilhelmine\r\nContent-Type: application/isup\r\n\r\n\u0001\u0002wilhelmine\r\n--wilhelmine--\r\n`,
      'multipart/mixed;boundary=wilhelmine',
    ],
    [`{"name": "Wilhelmine", "number": 81234567}`, 'application/json'],
    ['wilhelmine\u0000zwetschge', 'application/octet-stream'],
  ];
  const route = { src: parseAddress(CALLER_IP)!, dst: parseAddress(CALLEE_IP)!, dscp: 0, ttl: 64, vlans: [] };
  const frames = bodies.map(([body, type], i) =>
    udpFrame(route, 5060, 5060, new Uint8Array(Buffer.from(notify(body, type, secretCallId))), 900 + i),
  );
  return withFrames(pcap, frames);
}

/** The capture with further frames at its end, a microsecond apart. */
export function withFrames(pcap: Uint8Array, frames: readonly Uint8Array[]): Uint8Array {
  const view = new DataView(pcap.buffer, pcap.byteOffset, pcap.byteLength);
  let last = 24;
  for (let at = 24; at < pcap.length; at += 16 + view.getUint32(at + 8, true)) last = at;
  const records = frames.map((frame, i) => {
    const record = Buffer.alloc(16 + frame.length);
    record.writeUInt32LE(view.getUint32(last, true), 0);
    record.writeUInt32LE(view.getUint32(last + 4, true) + i + 1, 4);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    record.set(frame, 16);
    return record;
  });
  return new Uint8Array(Buffer.concat([pcap, ...records]));
}

/** Which of the texts are in the octets, in either case. */
export function leaked(octets: Uint8Array | string, texts: readonly string[]): string[] {
  const all = Buffer.from(octets as string)
    .toString('latin1')
    .toLowerCase();
  return texts.filter((text) => all.includes(text.toLowerCase()));
}

/** What an HTML report has packed. */
export function unpacked(page: string): string {
  const blocks = page.matchAll(/<script type="application\/octet-stream"[^>]*>([^<]*)</g);
  return (
    page + Array.from(blocks, ([, block]) => gunzipSync(Buffer.from(block!, 'base64')).toString()).join('')
  );
}

/** IP addresses as octets. */
export function leakedAddresses(octets: Uint8Array): string[] {
  const all = Buffer.from(octets);
  return [CALLER_IP, CALLEE_IP, '10.173.219.146', '172.27.133.144'].filter((ip) =>
    all.includes(Buffer.from(parseAddress(ip)!)),
  );
}
