import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withoutKeys } from '../../src/privacy/pressed-keys.ts';
import { PacketRing } from '../../src/store/packet-ring.ts';
import { SegmentFiles } from '../../src/store/segment-files.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec } from '../../src/synth/scenario.ts';
import { batchesOf } from '../batches.ts';
import { replayed } from '../engine/replayed.ts';
import { wantedCalls } from '../evidence/found.ts';
import { measured, sliceOf } from '../evidence/sliced.ts';

const CALL: CallSpec = { durationMs: 6000, infoDigits: { atMs: 1000, digits: '5937' } };
const KEY = /Signal=[0-9]/;

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

function message(type: string, body: string, more = ''): string {
  const head = `INFO sip:b@192.0.2.1 SIP/2.0\r\nCall-ID: x\r\nContent-Length: ${body.length}\r\n${type}\r\n`;
  return `${head}\r\n${body}${more}`;
}

describe('keys in SIP', () => {
  test.each([
    ['Content-Type: application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n', 'Signal=x\r\nDuration=160\r\n'],
    ['c: application/dtmf', '7', 'x'],
    ['Content-Type:  application/vnd.nortelnetworks.digits', 'p=Digits\r\nd=59', 'p=xxxxxx\r\nd=xx'],
    ['Content-Type: application/kpml-response+xml', '<kpml digits="59"/>', '<kpml digits="xx"/>'],
  ])('%s', (type, body, masked) => {
    const next = 'SIP/2.0 200 OK\r\nCSeq: 5 INFO\r\n\r\n';
    expect(withoutKeys(message(type, body, next))).toBe(message(type, masked, next));
  });

  test('in a part of a body, and the other parts stay', () => {
    const parts = (key: string) =>
      `--b\r\nContent-Type: text/plain\r\n\r\n17\r\n--b\r\nContent-Type: application/dtmf\r\n\r\n${key}\r\n--b--`;
    const type = 'Content-Type: multipart/mixed;boundary=b';
    expect(withoutKeys(message(type, parts('9')))).toBe(message(type, parts('x')));
  });

  test('in a body whose headers came before', () => {
    expect(withoutKeys('Signal= 5\r\nDuration=160\r\n')).toBe('Signal= x\r\nDuration=160\r\n');
  });

  test('other messages stay as they are', () => {
    const text = message('Content-Type: application/sdp', 'v=0\r\na=rtpmap:101 telephone-event/8000\r\n');
    expect(withoutKeys(text)).toBe(text);
  });
});

describe.each(['udp', 'tcp', 'ws'] as const)('captures that are kept, over %s', (transport) => {
  const { pcap } = buildScenario({ calls: [{ ...CALL, transport }] });
  const whole = replayed(pcap);

  test('a slice has no keys, is valid, and tells the same', () => {
    // WebSocket masks what clients send.
    if (transport !== 'ws') expect(textOf(pcap)).toMatch(KEY);
    const slice = sliceOf(pcap, wantedCalls(whole.calls, whole.streams));
    expect(textOf(slice)).not.toMatch(KEY);
    expect(textOf(slice).match(/Signal=x/g) ?? []).toHaveLength(transport === 'ws' ? 0 : 4);
    expect(measured(slice).calls.map(({ signalling }) => signalling)).toEqual(
      whole.calls.map(({ signalling }) => signalling),
    );
  });

  test('with payload it is as it was', () => {
    const slice = sliceOf(pcap, wantedCalls(whole.calls, whole.streams), { payload: true });
    if (transport !== 'ws') expect(textOf(slice)).toMatch(KEY);
    else expect(slice.length).toBeGreaterThan(0);
  });
});

test('the packets that a probe keeps have no keys', async () => {
  const { pcap } = buildScenario({ calls: [CALL] });
  const path = mkdtempSync(join(tmpdir(), 'earshot-keys-'));
  try {
    const options = { keepUs: 3600e6, maxBytes: 1 << 30 };
    const ring = new PacketRing(options, new SegmentFiles(path, options.maxBytes, 'pcapng'));
    for (const batch of batchesOf(pcap)) ring.take(batch);
    await ring.close();
    const kept = readdirSync(path).map((name) => textOf(readFileSync(join(path, name))));
    expect(kept.join('')).toMatch(/Signal=x/);
    expect(kept.join('')).not.toMatch(KEY);
  } finally {
    rmSync(path, { recursive: true });
  }
});
