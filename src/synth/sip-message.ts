import { formatAddress } from './address.ts';
import type { Endpoint, ResolvedCall } from './resolve.ts';
import type { Side } from './scenario.ts';

/** The names that hold a dialog and its transactions together (RFC 3261 12, 17). */
export interface DialogIds {
  callerTag: string;
  calleeTag: string;
}

/** One request and what its responses must repeat. */
export interface SipRequest {
  method: string;
  from: Side;
  cseq: number;
  branch: string;
  /** Sent within the dialog: goes to the contact. */
  inDialog: boolean;
  /** The request itself carries the tag of To. */
  toTag: boolean;
}

/** The address of record: what From and To carry. */
export function addressOfRecord(endpoint: Endpoint): string {
  return `sip:${endpoint.user}@${endpoint.domain}`;
}

/** What a message carries besides its mandatory headers. */
export interface Cargo {
  headers?: readonly string[];
  body?: string | null;
  /** Of the body; a session description unless given. */
  contentType?: string;
}

/** A request with all mandatory headers (RFC 3261 8.1.1). */
export function requestText(call: ResolvedCall, ids: DialogIds, request: SipRequest, cargo: Cargo): string {
  const target = request.from === 'caller' ? call.callee : call.caller;
  const uri = request.inDialog
    ? contactUri(call, target)
    : (call.signalling.requestUri ?? addressOfRecord(target));
  const sender = request.from === 'caller' ? call.caller : call.callee;
  const headers = [
    `${request.method} ${uri} SIP/2.0`,
    `Via: ${via(call, request)}`,
    'Max-Forwards: 70',
    ...dialogHeaders(call, ids, request, request.toTag),
  ];
  if (request.method === 'INVITE') {
    headers.push(`Contact: <${contactUri(call, sender)}>`);
    headers.push('Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE', 'Supported: timer, replaces');
  }
  headers.push(`User-Agent: ${userAgent(call, request.from)}`);
  return withBody(headers, cargo);
}

/** A response with all mandatory headers (RFC 3261 8.2.6); a 100 has no tag of To. */
export function responseText(
  call: ResolvedCall,
  ids: DialogIds,
  request: SipRequest,
  code: number,
  cargo: Cargo,
): string {
  const answerer: Side = request.from === 'caller' ? 'callee' : 'caller';
  const behindNat = request.from === 'caller' && formatAddress(call.caller.wireIp) !== call.caller.ip;
  const seen = behindNat
    ? `;received=${formatAddress(call.caller.wireIp)};rport=${call.caller.sipPort}`
    : `;rport=${(request.from === 'caller' ? call.caller : call.callee).sipPort}`;
  const headers = [
    `SIP/2.0 ${code} ${REASONS[code] ?? 'Response'}`,
    `Via: ${via(call, request).replace(';rport', seen)}`,
    ...dialogHeaders(call, ids, request, code > 100),
  ];
  if (request.method === 'INVITE' && code > 100 && code < 300) {
    headers.push(`Contact: <${contactUri(call, answerer === 'caller' ? call.caller : call.callee)}>`);
    headers.push('Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE');
  }
  headers.push(`${answerer === 'caller' ? 'User-Agent' : 'Server'}: ${userAgent(call, answerer)}`);
  return withBody(headers, cargo);
}

const REASONS: Record<number, string> = {
  100: 'Trying',
  180: 'Ringing',
  181: 'Call Is Being Forwarded',
  182: 'Queued',
  183: 'Session Progress',
  200: 'OK',
  202: 'Accepted',
  302: 'Moved Temporarily',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  415: 'Unsupported Media Type',
  422: 'Session Interval Too Small',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  482: 'Loop Detected',
  483: 'Too Many Hops',
  484: 'Address Incomplete',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  491: 'Request Pending',
  500: 'Server Internal Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Server Time-out',
  600: 'Busy Everywhere',
  603: 'Decline',
  606: 'Not Acceptable',
};

function userAgent({ signalling }: ResolvedCall, side: Side): string {
  return signalling.userAgents?.[side] ?? (side === 'caller' ? 'ExamplePhone/4.2' : 'ExamplePBX/18.9');
}

function dialogHeaders(
  call: ResolvedCall,
  ids: DialogIds,
  request: SipRequest,
  withToTag: boolean,
): string[] {
  const caller = { name: addressOfRecord(call.caller), user: call.caller.user, tag: ids.callerTag };
  const callee = { name: addressOfRecord(call.callee), user: call.callee.user, tag: ids.calleeTag };
  const [from, to] = request.from === 'caller' ? [caller, callee] : [callee, caller];
  return [
    `From: "${from.user}" <${from.name}>;tag=${from.tag}`,
    `To: <${to.name}>${withToTag ? `;tag=${to.tag}` : ''}`,
    `Call-ID: ${call.callId}`,
    `CSeq: ${request.cseq} ${request.method}`,
  ];
}

function hostPort(endpoint: Endpoint): string {
  return `${endpoint.ip.includes(':') ? `[${endpoint.ip}]` : endpoint.ip}:${endpoint.sipPort}`;
}

function contactUri(call: ResolvedCall, endpoint: Endpoint): string {
  // RFC 7118 5.2.2: the parameter is ws for both.
  const name = call.transport === 'wss' ? 'ws' : call.transport;
  const transport = name === 'udp' ? '' : `;transport=${name}`;
  return `sip:${endpoint.user}@${hostPort(endpoint)}${transport}`;
}

function via(call: ResolvedCall, request: SipRequest): string {
  const sender = request.from === 'caller' ? call.caller : call.callee;
  return `SIP/2.0/${call.transport.toUpperCase()} ${hostPort(sender)};branch=z9hG4bK${request.branch};rport`;
}

function withBody(headers: string[], { headers: more = [], body = null, contentType }: Cargo): string {
  headers.push(...more);
  if (body !== null) headers.push(`Content-Type: ${contentType ?? 'application/sdp'}`);
  // Bodies are ASCII, so characters are octets.
  headers.push(`Content-Length: ${body?.length ?? 0}`);
  return `${headers.join('\r\n')}\r\n\r\n${body ?? ''}`;
}
