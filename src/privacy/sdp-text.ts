import type { Pseudonyms } from './pseudonyms.ts';
import { maskText } from './text.ts';

/** Lines of numbers and words of the protocol alone. */
const PLAIN: readonly RegExp[] = [
  /^v=\d{1,2}$/,
  /^b=[A-Za-z-]{1,12}:\d{1,9}$/,
  /^t=\d{1,12} \d{1,12}$/,
  /^m=[a-z]{1,12} \d{1,5}(?:\/\d{1,2})? [A-Za-z0-9/]{1,24}(?: [A-Za-z0-9]{1,8}){0,40}$/,
  /^a=(?:sendrecv|sendonly|recvonly|inactive|rtcp-mux|rtcp-rsize|ice-lite|end-of-candidates)$/,
  /^a=(?:ptime|maxptime|mid|framerate|silenceSupp|setup|connection|group|rtcp-fb|extmap):[A-Za-z0-9 :/.+_*-]{1,80}$/,
  /^a=rtpmap:\d{1,3} [A-Za-z0-9.-]{1,24}(?:\/\d{1,6}){1,2}$/,
  /^a=fmtp:\d{1,3} (?:[\d,-]{1,16}|[a-z][A-Za-z0-9-]{1,32}=[A-Za-z0-9,.+-]{1,24}(?:; ?[a-z][A-Za-z0-9-]{1,32}=[A-Za-z0-9,.+-]{1,24}){0,16};?)$/,
  /^a=T38[A-Za-z]{1,32}(?::[A-Za-z0-9]{1,24})?$/,
];

/** A name in a description: `-` is none. */
const ORIGIN = /^o=(\S{1,256}) (\d{1,20}) (\d{1,20}) (IN IP[46]) (.*)$/;
const CONNECTION = /^(?:c=|a=rtcp:\d{1,5} )IN IP[46] /;
const CANDIDATE =
  /^(a=candidate:)(\S{1,32}) (\d{1,3} [A-Za-z]{1,4} \d{1,10}) (\S{1,256}) (\d{1,5} typ [a-z]{4,6})(.*)$/;

/** A session description, masked line by line; as long as it was. */
export function maskSdp(names: Pseudonyms, text: string): string {
  return text.replace(/[^\r\n]+/g, (line) => maskLine(names, line));
}

function maskLine(names: Pseudonyms, line: string): string {
  if (PLAIN.some((pattern) => pattern.test(line))) return names.known(line, Number.POSITIVE_INFINITY);
  const origin = ORIGIN.exec(line);
  if (origin !== null) {
    const [, user, session, version, kind, address] = origin;
    const shown = user === '-' ? '-' : maskText(names, user!, 'names');
    return `o=${shown} ${names.known(session!, 7)} ${names.known(version!, 7)} ${kind} ${addressText(names, address!)}`;
  }
  const connection = CONNECTION.exec(line)?.[0];
  if (connection !== undefined) return connection + addressText(names, line.slice(connection.length));
  const candidate = CANDIDATE.exec(line);
  if (candidate !== null) {
    const [, start, foundation, transport, address, port, rest] = candidate;
    return `${start}${maskText(names, foundation!, 'names')} ${transport} ${addressText(names, address!)} ${port}${candidateRest(names, rest!)}`;
  }
  // Its type stays; what it says may be a name, a subject, a key for the media.
  return line.slice(0, 2) + maskText(names, line.slice(2), 'wire');
}

function candidateRest(names: Pseudonyms, rest: string): string {
  return rest.replace(/(raddr )(\S+)( rport \d{1,5})|\S+/g, (whole, before, address, after) =>
    before === undefined ? maskText(names, whole, 'wire') : before + addressText(names, address) + after,
  );
}

/** An address of a connection: an IP address, with a scope at most, or a host name. */
function addressText(names: Pseudonyms, text: string): string {
  const isHost = /^(?:[A-Za-z0-9-]+\.)+[A-Za-z][A-Za-z0-9-]*$/.test(text);
  return isHost ? names.host(text) : maskText(names, text, 'wire');
}
