import { formatAddress } from './address.ts';
import type { SipMessage } from './exchange.ts';
import type { ResolvedCall } from './resolve.ts';

/** A message takes so long through a proxy, and a copy so long through the mirror, ms. */
const PROXY_MS = 2;
const MIRROR_MS = 0.03;
/** One round of a loop. */
const LOOP_MS = 3;

/** The messages of a call as the tap sees them, in order of time. */
export function seenAtTap(call: ResolvedCall, messages: readonly SipMessage[]): SipMessage[] {
  const { proxy, loops = 0, mirrored = false, onlyFrom } = call.signalling;
  let seen = messages.filter(({ from }) => onlyFrom === undefined || from === onlyFrom);
  if (loops > 0) seen = seen.flatMap((message) => looped(call, message, loops));
  if (proxy !== undefined) seen = seen.flatMap((message) => relayed(call, message, proxy));
  if (mirrored)
    seen = seen.flatMap((message) => [
      message,
      { ...message, timeMs: message.timeMs + MIRROR_MS, copy: true },
    ]);
  // The sort is stable: what was made first at one time stays first.
  return seen.sort((a, b) => a.timeMs - b.timeMs);
}

/** The hops before and behind a proxy: it adds its Via to requests and takes it off responses (RFC 3261 16.6, 16.7). */
function relayed(call: ResolvedCall, message: SipMessage, proxy: string): SipMessage[] {
  const [near, far] = (['caller', 'callee'] as const).map((side) => formatAddress(call[side].wireIp));
  const source = message.from === 'caller' ? near! : far!;
  const target = message.from === 'caller' ? far! : near!;
  const { text, timeMs } = message;
  // The proxy's own 100 goes no further.
  if (text.startsWith('SIP/2.0 100')) return [{ ...message, hop: { src: proxy, dst: target } }];
  const first = { ...message, hop: { src: source, dst: proxy } };
  const second = { ...message, timeMs: timeMs + PROXY_MS, hop: { src: proxy, dst: target } };
  const behind = text
    .replace(/\r\nVia: /, `\r\nVia: ${proxyVia(text, proxy)}\r\nVia: `)
    .replace(/Max-Forwards: 70/, 'Max-Forwards: 69');
  return text.startsWith('SIP/2.0')
    ? [{ ...first, text: behind }, second]
    : [first, { ...second, text: behind }];
}

/** The branch of the proxy follows from that of the request, so that the response finds it. */
function proxyVia(text: string, proxy: string): string {
  const branch = /branch=z9hG4bK([0-9a-f]+)/.exec(text)?.[1] ?? '0';
  const host = proxy.includes(':') ? `[${proxy}]` : proxy;
  return `SIP/2.0/UDP ${host}:5060;branch=z9hG4bKp${branch}`;
}

/** The INVITE again and again, with one more Via and one hop less to go. */
function looped(call: ResolvedCall, message: SipMessage, loops: number): SipMessage[] {
  const passes = [message];
  const isInitial = message.text.startsWith('INVITE') && message.from === 'caller';
  if (!isInitial || message.timeMs > call.ringingMs) return passes;
  for (let i = 1; i <= loops; i++) {
    const via = `SIP/2.0/UDP 203.0.113.250:5060;branch=z9hG4bKloop${i}`;
    const text = message.text
      .replace(/\r\nVia: /, `\r\nVia: ${via}\r\nVia: `)
      .replace(/Max-Forwards: 70/, `Max-Forwards: ${70 - 2 * i}`);
    passes.push({ ...message, timeMs: message.timeMs + i * LOOP_MS, text });
  }
  return passes;
}
