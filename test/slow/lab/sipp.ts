import type { Lab, Running } from './lab.ts';
import { rtpCapture, soundOf } from './rtp-file.ts';

/** The SSRC of what the answering sipp sends. */
export const CALLEE_SSRC = 0x5eed5eed;
/** No wrap of numbers within a call: rtpengine counts a loss too few where one is. */
const CALLEE_FIRST_SEQUENCE = 1000;

const sdp = (port: string): string =>
  [
    'v=0',
    'o=sipp 1 1 IN IP4 [local_ip]',
    's=-',
    'c=IN IP4 [local_ip]',
    't=0 0',
    `m=audio [${port}] RTP/AVP 8`,
    'a=rtpmap:8 PCMA/8000',
  ].join('\n');

const message = (lines: string[], body = ''): string =>
  `<![CDATA[\n${[...lines, `Content-Length: ${body === '' ? '0' : '[len]'}`, '', body].join('\n')}\n]]>`;
const COPIED = ['[last_Via:]', '[last_From:]', '[last_To:]', '[last_Call-ID:]', '[last_CSeq:]'];
const INVITED = COPIED.map((line) => (line === '[last_To:]' ? '[last_To:];tag=b[call_number]' : line));
const CONTACT = 'Contact: <sip:sipp@[local_ip]:[local_port]>';
const TYPE = 'Content-Type: application/sdp';
const act = (action: string): string => `<nop><action><exec ${action}/></action></nop>`;
const scenario = (name: string, ...steps: string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="${name}">\n${steps.join('\n')}\n</scenario>`;

export interface SippOptions {
  ip: string;
  calls: number;
  /** How long sound is played; the callee plays as much. */
  talkMs: number;
  /** How long the line is silent before the caller hangs up. */
  silentMs?: number;
  /** Whom to call; without, it answers. */
  peer?: string;
  /** The callee refuses with this instead of answering. */
  refuse?: string;
  /** The callee sends back what it hears to where it comes from, instead of playing. */
  echo?: boolean;
}

type Dialog = (method: string, number: number, via?: string) => string[];

const VIA = 'Via: SIP/2.0/UDP [local_ip]:[local_port];rport;branch=[branch]';
const dialog: Dialog = (method, number, via = VIA) => [
  `${method} ${method === 'INVITE' || via !== VIA ? 'sip:callee@[remote_ip]:[remote_port]' : '[next_url]'} SIP/2.0`,
  via,
  'From: <sip:caller@[local_ip]>;tag=a[call_number]',
  `To: <sip:callee@[remote_ip]>${method === 'INVITE' ? '' : '[peer_tag_param]'}`,
  'Call-ID: [call_id]',
  `CSeq: ${number} ${method}`,
  'Max-Forwards: 70',
  ...(method === 'INVITE' ? [] : ['[routes]']),
];

function caller(sound: string, { talkMs, silentMs = 500, refuse }: SippOptions): string {
  const invite = message([...dialog('INVITE', 1), CONTACT, TYPE], sdp('rtpstream_audio_port'));
  const invited = [`<send retrans="500">${invite}</send>`, '<recv response="100" optional="true"/>'];
  if (refuse !== undefined) {
    // Of one transaction with the INVITE: its Via is that of the response.
    const ack = message(dialog('ACK', 1, '[last_Via:]'));
    const refusal = `<recv response="${refuse.split(' ')[0]}"/>`;
    return scenario('caller', ...invited, refusal, `<send>${ack}</send>`, '<pause milliseconds="500"/>');
  }
  return scenario(
    'caller',
    ...invited,
    '<recv response="180" optional="true"/>',
    '<recv response="200" rrs="true"/>',
    `<send>${message(dialog('ACK', 1))}</send>`,
    act(`rtp_stream="${sound},-1,8,PCMA/8000"`),
    `<pause milliseconds="${talkMs}"/>`,
    act('rtp_stream="pause"'),
    `<pause milliseconds="${silentMs}"/>`,
    `<send retrans="500">${message(dialog('BYE', 2))}</send>`,
    '<recv response="200"/>',
  );
}

function callee(capture: string, { refuse, echo }: SippOptions): string {
  const invited = '<recv request="INVITE" rrs="true"/>';
  if (refuse !== undefined) {
    const refusal = message([`SIP/2.0 ${refuse}`, ...INVITED]);
    return scenario('callee', invited, `<send retrans="500">${refusal}</send>`, '<recv request="ACK"/>');
  }
  return scenario(
    'callee',
    invited,
    `<send>${message(['SIP/2.0 180 Ringing', ...INVITED, '[last_Record-Route:]', CONTACT])}</send>`,
    '<pause milliseconds="300"/>',
    `<send retrans="500">${message(['SIP/2.0 200 OK', ...INVITED, '[last_Record-Route:]', CONTACT, TYPE], sdp('media_port'))}</send>`,
    '<recv request="ACK"/>',
    ...(echo === true ? [] : [act(`play_pcap_audio="${capture}"`)]),
    '<recv request="BYE"/>',
    `<send>${message(['SIP/2.0 200 OK', ...COPIED])}</send>`,
  );
}

/** Starts sipp, which plays PCMA in every call. The caller ends with its last call, the callee too. */
export function startSipp(lab: Lab, host: string, options: SippOptions): Running {
  const calling = options.peer !== undefined;
  const text = calling
    ? caller(lab.write('sound.alaw', soundOf(8000)), options)
    : callee(
        lab.write('sound.pcap', rtpCapture(options.talkMs / 20, CALLEE_SSRC, CALLEE_FIRST_SEQUENCE)),
        options,
      );
  const file = lab.write(`sipp-${host}.xml`, text);
  const rate = calling ? ['-r', '1', '-rp', '1130', options.peer!] : [];
  return lab.start(host, [
    'sipp',
    ...['-sf', file, '-i', options.ip, '-p', '5060', '-m', String(options.calls), '-nostdin'],
    // As RFC 3261 has it; sipp's own default is one less.
    ...['-max_invite_retrans', '6'],
    ...['-mp', '30000', '-trace_err', '-error_file', lab.path(`sipp-${host}.err`)],
    ...(options.echo === true && !calling ? ['-rtp_echo'] : []),
    ...rate,
  ]);
}
