/** The few things a box between two ends changes in SIP messages. */

export interface SipText {
  head: string;
  body: string;
}

export function split(message: string): SipText {
  const end = message.indexOf('\r\n\r\n');
  return end < 0
    ? { head: message, body: '' }
    : { head: message.slice(0, end), body: message.slice(end + 4) };
}

/** The message with its length put right. */
export function join({ head, body }: SipText): string {
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  const lines = head.replace(/^(Content-Length|l)\s*:.*$/im, length);
  return `${lines}\r\n\r\n${body}`;
}

export function header(head: string, names: string): string {
  return new RegExp(`^(?:${names})\\s*:\\s*(.*)$`, 'im').exec(head)?.[1]?.trim() ?? '';
}

export function tagOf(value: string): string {
  return /;\s*tag=([^;\s>]+)/i.exec(value)?.[1] ?? '';
}

/** `INVITE` for a request, `200 INVITE` for a response. */
export function kindOf(head: string): string {
  const status = /^SIP\/2\.0 (\d{3})/.exec(head)?.[1];
  const method = header(head, 'CSeq').split(/\s+/)[1] ?? '';
  return status === undefined ? method : `${status} ${method}`;
}

/** Later requests come back to the box: host and port of Contact become its own. */
export function withContact(head: string, ip: string, port: number): string {
  return head.replace(
    /^((?:Contact|m)\s*:.*?sips?:(?:[^@>\s]*@)?)[^;>\s]+/im,
    (_, before: string) => `${before}${ip}:${port}`,
  );
}

/** Where an SDP wants its audio. */
export function audioOf(sdp: string): { ip: string; port: number } | null {
  const ip = /^c=IN IP4 (\S+)/m.exec(sdp)?.[1];
  const port = /^m=audio (\d+)/m.exec(sdp)?.[1];
  return ip === undefined || port === undefined ? null : { ip, port: Number(port) };
}

/** The SDP with audio wanted elsewhere; RTCP goes to the next port, as if nothing were said of it. */
export function withAudio(sdp: string, ip: string, port: number): string {
  return sdp
    .replace(/^c=IN IP4 \S+/gm, `c=IN IP4 ${ip}`)
    .replace(/^m=audio \d+/m, `m=audio ${port}`)
    .replace(/^a=rtcp:.*\r?\n/gm, '');
}
