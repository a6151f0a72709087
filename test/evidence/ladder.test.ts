import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Sighting } from '../../src/evidence/contract.ts';
import {
  callFilter,
  registrationFilter,
  streamFilter,
  timeFilter,
} from '../../src/evidence/display-filter.ts';
import { EvidenceFinder } from '../../src/evidence/finder.ts';
import { FrameSpans } from '../../src/evidence/frame-spans.ts';
import { Ladders } from '../../src/evidence/ladder.ts';
import { PendingFrames } from '../../src/evidence/pending-frames.ts';
import { describeSdp } from '../../src/evidence/sdp-summary.ts';
import { Wanted } from '../../src/evidence/wanted.ts';
import { parseSipMessage } from '../../src/sip/message.ts';
import { batchesOf } from '../batches.ts';
import { replayed } from '../engine/replayed.ts';
import { wantedCalls } from './found.ts';

const demo = new Uint8Array(readFileSync(new URL('../pcaps/demo.pcap', import.meta.url)));

function sighting(status: number | null, timeUs: number, sdp = ''): Sighting {
  const start = status === null ? 'INVITE sip:b@example.com SIP/2.0' : `SIP/2.0 ${status} Fine`;
  const body = sdp === '' ? '' : `Content-Type: application/sdp\r\n`;
  const text = `${start}\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n${body}Content-Length: ${sdp.length}\r\n\r\n${sdp}`;
  const bytes = new TextEncoder().encode(text);
  const parsed = parseSipMessage(bytes, 0, bytes.length);
  if (!parsed.ok) throw new Error(parsed.reason);
  const [a, b] = [
    { ip: '192.0.2.1', port: 5060 },
    { ip: '192.0.2.2', port: 5060 },
  ];
  const hosts = status === null ? { src: a, dst: b } : { src: b, dst: a };
  return { timeUs, ...hosts, message: parsed.message, frames: [{ input: 0, frame: timeUs }] };
}

describe('ladders', () => {
  test('the demo call is told from INVITE to its last answer', () => {
    const first = replayed(demo);
    const wanted = wantedCalls(first.calls, first.streams);
    const ladders = new Ladders(wanted.length);
    const nothing = (): void => {};
    const finder = new EvidenceFinder(new Wanted(wanted), {
      message: (call, seen, copy) => ladders.message(call, seen, copy),
      media: nothing,
      image: nothing,
    });
    for (const batch of batchesOf(demo)) finder.ingest(batch);
    const at = wanted.findIndex(({ callId }) => callId === 'healthy-g711@example.com');
    const steps = ladders.ladder(at)?.steps ?? [];
    expect(steps.map(({ method, status }) => status ?? method)).toEqual([
      ...['INVITE', 100, 180, 200, 'ACK', 'BYE', 200],
    ]);
    expect(steps[0]?.sdp?.media[0]?.codecs[0]).toBe('PCMU/8000');
    expect(steps.every(({ frame }) => frame !== null && frame.frame > 0)).toBe(true);
    expect(steps.every(({ again }) => !again)).toBe(true);
  });

  test('what a timer sends again is marked, a copy of the mirror is counted', () => {
    const ladders = new Ladders(1);
    ladders.message(0, sighting(null, 1), false);
    ladders.message(0, sighting(null, 2), true);
    ladders.message(0, sighting(null, 3), false);
    ladders.message(0, sighting(180, 4), false);
    expect(ladders.ladder(0)?.steps.map(({ again }) => again)).toEqual([false, true, false]);
    expect(ladders.ladder(0)?.copies).toBe(1);
  });

  test('a message that is found late stands where it was sent, and the later of two is the one sent again', () => {
    const ladders = new Ladders(1);
    for (const [status, ms] of [
      [null, 500],
      [100, 510],
      [180, 900],
      [null, 0],
      [200, 880],
    ] as const)
      ladders.message(0, sighting(status, 1e9 + ms * 1000), false);
    const told = ladders
      .ladder(0)
      ?.steps.map(({ status, timeUs, again }) => [status ?? 'INVITE', (timeUs - 1e9) / 1000, again]);
    expect(told).toEqual([
      ['INVITE', 0, false],
      ['INVITE', 500, true],
      [100, 510, false],
      [200, 880, false],
      [180, 900, false],
    ]);
  });

  test('a clock that is set back by an hour leaves the order of capture', () => {
    const ladders = new Ladders(1);
    ladders.message(0, sighting(null, 7.2e9), false);
    ladders.message(0, sighting(180, 3.6e9), false);
    ladders.message(0, sighting(200, 3.7e9), false);
    expect(ladders.ladder(0)?.steps.map(({ status }) => status)).toEqual([null, 180, 200]);
  });

  test('a flood of messages is counted, not kept', () => {
    const ladders = new Ladders(2);
    for (let i = 0; i < 500; i++) ladders.message(0, sighting(null, i), false);
    expect(ladders.ladder(0)?.steps.length).toBe(120);
    expect(ladders.ladder(0)?.left).toBe(380);
    expect(ladders.ladder(1)).toBeNull();
  });
});

describe('session descriptions in short', () => {
  const sdp = (media: string): string =>
    `v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n${media}`;

  test('codecs in order of preference, with those that need no rtpmap', () => {
    const text = sdp(
      'm=audio 4000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:30\r\na=sendonly\r\n',
    );
    const [audio] = describeSdp(text).media;
    expect(audio).toMatchObject({
      ...{ type: 'audio', address: '192.0.2.1:4000', refused: false, direction: 'sendonly', held: true },
      ...{ codecs: ['PCMA/8000', 'PCMU/8000', 'telephone-event/8000'], ptimeMs: 30, encryption: null },
    });
  });

  test('refused media has no address; keys are named by their kind', () => {
    const text = sdp('m=audio 0 RTP/AVP 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=fingerprint:sha-256 AA\r\n');
    const [audio, video] = describeSdp(text).media;
    expect([audio?.refused, audio?.address]).toEqual([true, null]);
    expect(video?.encryption).toBe('DTLS');
  });

  test('what is no description says so', () => {
    expect(describeSdp('nonsense')).toEqual({ media: [], unreadable: 'not_sdp' });
  });
});

describe('spans of frames', () => {
  test('first, last and count within the time; other streams and reports are not counted', () => {
    const spans = new FrameSpans(2, [
      { stream: 1, fromUs: 100, toUs: 300 },
      { stream: 1, fromUs: 900, toUs: 999 },
      { stream: 0, fromUs: 0, toUs: 1000 },
    ]);
    for (let i = 0; i < 10; i++) spans.media('rtp', 1, 0, 50 + i, i * 50);
    spans.media('rtcp', 1, 0, 77, 200);
    expect(spans.span(0)).toEqual({ input: 0, first: 52, last: 56, count: 5, goesOn: false });
    expect(spans.span(1)).toBeNull();
    expect(spans.span(2)).toBeNull();
  });

  test('a span stays in the file in which it begins', () => {
    const spans = new FrameSpans(1, [{ stream: 0, fromUs: 0, toUs: 10 }]);
    spans.media('rtp', 0, 1, 9, 1);
    spans.media('rtp', 0, 2, 1, 2);
    expect(spans.span(0)).toEqual({ input: 1, first: 9, last: 9, count: 1, goesOn: true });
  });
});

describe('display filters', () => {
  const stream = {
    src: { ip: '2001:db8::1', port: 4000 },
    dst: { ip: '2001:db8::2', port: 5000 },
    ssrc: 0xfff1,
  };

  test('a stream by addresses, ports, SSRC and frames', () => {
    expect(streamFilter(stream, { first: 3, last: 9 })).toBe(
      'ipv6.src==2001:db8::1 && udp.srcport==4000 && ipv6.dst==2001:db8::2 && udp.dstport==5000 && (!rtp || rtp.ssrc==0x0000fff1) && frame.number>=3 && frame.number<=9',
    );
  });

  test('registrations of a user, and a time', () => {
    expect(registrationFilter('sip:7001@example.com')).toBe(
      'sip.CSeq.method=="REGISTER" && sip.To contains "7001@example.com"',
    );
    expect(registrationFilter('sip:a"b')).toBeNull();
    expect(timeFilter(1_772_442_001_500_700, 1_772_442_002_000_000)).toBe(
      'frame.time_epoch>=1772442001.500 && frame.time_epoch<=1772442002.000',
    );
  });

  test('what lies in HEP is found by its octets', () => {
    expect(streamFilter({ ...stream, inHep: true }, { first: 3, last: 9 })).toBe(
      'frame contains 00:00:ff:f1 && frame.number>=3 && frame.number<=9',
    );
    expect(callFilter('a@b', null, true)).toBe('frame contains "a@b"');
  });

  test('a Call-ID that would leave its quotes is not put into any', () => {
    expect(callFilter('a@b', { first: 3, last: 3 })).toBe('sip.Call-ID=="a@b" && frame.number==3');
    expect(callFilter('a" || frame', { first: 3, last: 4 })).toBe('frame.number>=3 && frame.number<=4');
    expect(callFilter('a\\', null)).toBeNull();
  });
});

describe('frames that wait', () => {
  test('are bounded in each flow and in all', () => {
    const pending = new PendingFrames();
    for (let frame = 1; frame <= 100; frame++) pending.add('a', { input: 0, frame });
    expect(pending.take('a', { input: 0, frame: 100 }).length).toBe(64);
    expect(pending.take('a', null)).toEqual([{ input: 0, frame: 100 }]);
    for (let flow = 0; flow < 5000; flow++) pending.add(`f${flow}`, { input: 0, frame: flow });
    expect(pending.take('f0', null)).toEqual([]);
    expect(pending.take('f4999', null).length).toBe(1);
  });
});
