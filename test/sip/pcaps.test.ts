/**
 * Every capture in shared/pcaps (a folder beside the checkout, not part of it), against the message
 * counts that tshark gives in `ref/`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { looksLikeSip } from '../../src/sip/detect.ts';
import { parseSipMessage, type SipMessage } from '../../src/sip/message.ts';
import { parseSdp } from '../../src/sip/sdp.ts';
import { linkTypeOf, walkPcap } from './pcap-walk.ts';

const folder = new URL('../../../shared/pcaps/', import.meta.url);
const present = existsSync(folder);
const files = present
  ? readdirSync(folder)
      .filter((name) => /\.pcap(ng)?$/.test(name))
      .sort()
  : [];
const pathOf = (name: string): string => new URL(name, folder).pathname;

interface Reference {
  readonly sip: {
    readonly frames_udp: number;
    readonly methods: Readonly<Record<string, number>>;
    readonly status_codes: Readonly<Record<string, number>>;
    readonly call_ids: number;
    readonly sdp_media: Readonly<Record<string, number>>;
  } | null;
}

function reference(name: string): Reference {
  return JSON.parse(readFileSync(pathOf(`ref/${name}.json`), 'utf8')) as Reference;
}

interface Found {
  readonly detected: number;
  readonly messages: SipMessage[];
  readonly failures: string[];
}

function readAll(name: string): Found {
  const found: Found & { detected: number } = { detected: 0, messages: [], failures: [] };
  for (const { protocol, payload, truncated } of walkPcap(pathOf(name))) {
    if (protocol !== 'udp' || !looksLikeSip(payload, 0, payload.length)) continue;
    found.detected++;
    const result = parseSipMessage(payload, 0, payload.length, { truncated });
    if (result.ok) found.messages.push(result.message);
    else found.failures.push(result.reason);
  }
  return found;
}

/** Where tshark counts frames differently, and why. */
const FRAMES_DIFFER: Readonly<Record<string, string>> = {
  'gen_baresip_pcma_ipv6_rtcp.pcapng': 'IPv6, which the walker of these tests does not read',
  'gen_sipp_udp_pcma_ipv6_lo.pcapng': 'IPv6, which the walker of these tests does not read',
  'drv_snap60_SIP_DTMF2.pcap': 'tshark wants a whole first line; 18 bytes of a request are recognised here',
};
/** Where single messages must differ. */
const CONTENT_DIFFERS: Readonly<Record<string, string>> = {
  'gen_baresip_pcma_ipv6_rtcp.pcapng': 'as above',
  'gen_sipp_udp_pcma_ipv6_lo.pcapng': 'as above',
  'drv_snap60_SIP_DTMF2.pcap': 'no header was captured',
  'drv_biterr_SIP_DTMF2.pcap': 'bit errors in header names and start lines: salvaged otherwise by tshark',
  'pcpp__sip_resp.pcap': 'has a TCP message as well, which tshark counts too',
};

function tally(keys: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}

function mediaLines(messages: readonly SipMessage[]): string[] {
  return messages.flatMap(({ sdp }) => {
    const result = sdp === null ? null : parseSdp(sdp);
    if (result === null || !result.ok) return [];
    return result.session.media.map(
      ({ type, port, protocol, formats }) => `${type} ${port} ${protocol} ${formats.join(' ')}`,
    );
  });
}

describe.skipIf(!present)('captures (skipped when ../shared/pcaps is absent)', () => {
  it.each(files)('%s', (name) => {
    const found = readAll(name);
    if (!existsSync(pathOf(`ref/${name}.json`)) || linkTypeOf(pathOf(name)) !== 1) return;
    const { sip } = reference(name);
    if (FRAMES_DIFFER[name] === undefined) expect(found.detected).toBe(sip?.frames_udp ?? 0);
    if (sip === null || sip.frames_udp === 0 || CONTENT_DIFFERS[name] !== undefined) return;
    expect(found.failures).toEqual([]);
    const requests = found.messages.filter(({ kind }) => kind === 'request');
    expect(tally(requests.map(({ method }) => method))).toEqual(sip.methods);
    const responses = found.messages.filter(({ kind }) => kind === 'response');
    expect(tally(responses.map(({ status }) => String(status)))).toEqual(sip.status_codes);
    expect(new Set(found.messages.map(({ callId }) => callId)).size).toBe(sip.call_ids);
    if (Object.keys(sip.sdp_media).length > 0)
      expect(tally(mediaLines(found.messages))).toEqual(sip.sdp_media);
  });

  it('recognises every SIP packet of the capture cut at 60 bytes', () => {
    const found = readAll('drv_snap60_SIP_DTMF2.pcap');
    expect(found.detected).toBe(reference('rtppcap__SIP_DTMF2.pcap').sip!.frames_udp);
    expect(new Set(found.failures)).toEqual(new Set(['truncated']));
  });
});
