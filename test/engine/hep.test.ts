import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { inflate } from '../../src/cli/inflate.ts';
import { Engine, type EngineOptions } from '../../src/engine/engine.ts';
import { TcpSignalling } from '../../src/engine/tcp-signalling.ts';
import { createBatch } from '../../src/packet/batch.ts';
import type { CallRecord, StreamRecord } from '../../src/records/types.ts';
import { carry, udp } from '../packet/headers.ts';
import { hepOf, oldHep } from '../packet/write-hep.ts';
import { bytesOf, INVITE, OK_RESPONSE } from '../sip/examples.ts';
import { Connection } from './tcp-wire.ts';

const NOW_US = 1_700_000_000_000_000;

interface Sent {
  message: Uint8Array;
  timeUs?: number;
  port?: number;
  /** Captured octets less than sent. */
  cut?: number;
  /** Last octet of the agent's address. */
  host?: number;
}

/** Where the last octet of the source address lies in an Ethernet frame with IPv4. */
const SOURCE_HOST = 14 + 15;

interface Got {
  calls: CallRecord[];
  streams: StreamRecord[];
  account: ReturnType<Engine['account']>;
}

/** What comes of datagrams from an agent, in order. */
function play(sent: readonly Sent[], options: EngineOptions = {}): Got {
  const calls: CallRecord[] = [];
  const streams: StreamRecord[] = [];
  const engine = new Engine(
    { call: (record) => calls.push(record), stream: (record) => streams.push(record), finding: () => {} },
    options,
  );
  const frames = sent.map(({ message, port = 9060, host }) => {
    const frame = carry(4, 17, udp(port, message));
    if (host !== undefined) frame[SOURCE_HOST] = host;
    return frame;
  });
  const bytes = Uint8Array.from(Buffer.concat(frames));
  const batch = createBatch(bytes, Math.max(1, sent.length));
  let offset = 0;
  for (const [i, { timeUs = NOW_US + i * 1000, cut = 0 }] of sent.entries()) {
    batch.offset[i] = offset;
    batch.originalLength[i] = frames[i]!.length;
    batch.capturedLength[i] = frames[i]!.length - cut;
    batch.timeUs[i] = timeUs;
    batch.linkType[i] = 1;
    offset += frames[i]!.length;
  }
  batch.count = sent.length;
  engine.ingest(batch);
  engine.finish();
  return { calls, streams, account: engine.account() };
}

const invite = bytesOf(INVITE);
const at = (timeUs: number): { timeUs: number } => ({ timeUs });

describe('HEP in a capture', () => {
  test.each<[string, Uint8Array]>([
    ['version 3', hepOf(invite, at(NOW_US))],
    ['version 2', oldHep(2, invite, NOW_US)],
    ['version 2 of a big-endian sender', oldHep(2, invite, NOW_US, false)],
    [
      'version 2 of Kamailio, its length without the time',
      Uint8Array.from([2, 16, ...oldHep(2, invite, NOW_US).subarray(2)]),
    ],
    ['version 2 of sngrep, its length 2', Uint8Array.from([2, 2, ...oldHep(2, invite, NOW_US).subarray(2)])],
    ['version 1', oldHep(1, invite)],
  ])('%s, on any port', (_, message) => {
    for (const port of [9060, 9063, 40_000]) {
      const { calls, account } = play([{ message, port, timeUs: NOW_US }]);
      expect(calls).toHaveLength(1);
      expect(calls[0]!.startUs).toBe(NOW_US);
      expect(account).toMatchObject({
        decoded: { sip: 1, other: 0 },
        hep: { messages: 1, clocksCorrected: 0 },
      });
    }
  });

  test.each<[string, number, Uint8Array | string]>([
    ['hep_rtcp_json', 5, '{"ssrc":1,"report_blocks":[]}'],
    ['hep_quality_report', 34, '{"MOS":4}'],
    ['hep_quality_report', 35, '{"MOS":4}'],
    ['hep_log', 100, 'something happened'],
    ['hep_other_protocol', 53, 'x'],
    ['hep_without_payload', 1, ''],
    ['hep_unreadable', 5, 'x'],
    ['hep_unreadable', 4, 'x'],
    ['hep_compressed', 16, 'x'],
  ])('%s is counted (type %i)', (reason, type, payload) => {
    const octets = typeof payload === 'string' ? bytesOf(payload) : payload;
    const shape = type === 16 ? { payloadType: 16 } : { type };
    const { account } = play([{ message: hepOf(octets, shape) }]);
    expect(account.discarded).toEqual({ [reason]: 1 });
    expect(account.decoded).toMatchObject({ sip: 0, other: 1 });
  });

  test('what contradicts itself is counted', () => {
    const message = hepOf(invite);
    message[message.length - invite.length - 1]! += 1;
    expect(play([{ message }]).account.discarded).toEqual({ hep_malformed: 1 });
  });

  test('a key, when one is asked for', () => {
    const options = { hep: { authenticationKey: bytesOf('secret') } };
    const messages = [undefined, 'secre', 'secres', 'secrets', '', 'secret'].map((key) =>
      hepOf(invite, key === undefined ? {} : { key }),
    );
    const { account } = play(
      messages.map((message) => ({ message })),
      options,
    );
    expect(account.discarded).toEqual({ hep_unauthenticated: 5 });
    expect(account.decoded.sip).toBe(1);
    expect(play(messages.map((message) => ({ message }))).account.decoded.sip).toBe(6);
  });

  test('compressed payloads, within a bound', () => {
    const options = { hep: { inflate } };
    const packed = (payload: Uint8Array): Sent => ({ message: hepOf(payload, { payloadType: 16 }) });
    const got = play([packed(deflateSync(invite)), packed(gzipSync(invite))], options);
    expect(got.account.decoded.sip).toBe(2);
    expect(got.calls).toHaveLength(1);
    const bad = [deflateSync(new Uint8Array(10_000_000)), deflateSync(invite).subarray(0, 100), invite];
    expect(play(bad.map(packed), options).account.discarded).toEqual({ hep_compressed: 3 });
    expect(play([{ ...packed(deflateSync(invite)), cut: 5 }], options).account.discarded).toEqual({
      hep_compressed: 1,
    });
    const report = { message: hepOf(deflateSync(bytesOf('{"ssrc":1}')), { payloadType: 16, type: 5 }) };
    expect(play([report], options).account.discarded).toEqual({ hep_rtcp_json: 1 });
  });

  test('SIP that the snap length cut is read as far as it goes', () => {
    const { account } = play([{ message: hepOf(invite), cut: 100 }]);
    expect(account.decoded.sip).toBe(1);
    expect(account.discarded).toEqual({});
  });

  test('an agent whose clock is off: its intervals count, on the clock of the capture', () => {
    const answered = bytesOf(OK_RESPONSE);
    for (const offUs of [3_600_000_000, -86_400_000_000 * 365]) {
      const { calls, account } = play([
        { message: hepOf(invite, at(NOW_US + offUs)), timeUs: NOW_US },
        { message: hepOf(answered, at(NOW_US + offUs + 800_000)), timeUs: NOW_US + 950_000 },
      ]);
      expect(calls[0]).toMatchObject({ startUs: NOW_US, answerUs: NOW_US + 800_000 });
      expect(account.hep).toEqual({ messages: 2, clocksCorrected: 1 });
    }
    const near = play([{ message: hepOf(invite, at(NOW_US - 400_000)), timeUs: NOW_US }]);
    expect(near.calls[0]!.startUs).toBe(NOW_US - 400_000);
    expect(near.account.hep.clocksCorrected).toBe(0);
  });

  test('an agent that gives no time, but 0: what it sends is of when it came', () => {
    for (const [first, second] of [
      [hepOf(invite, at(0)), hepOf(bytesOf(OK_RESPONSE), at(0))],
      [oldHep(2, invite, 0), oldHep(2, bytesOf(OK_RESPONSE), 0)],
    ]) {
      const { calls, account } = play([
        { message: first!, timeUs: NOW_US },
        { message: second!, timeUs: NOW_US + 950_000 },
      ]);
      expect(calls[0]).toMatchObject({ startUs: NOW_US, answerUs: NOW_US + 950_000 });
      expect(account.hep).toEqual({ messages: 2, clocksCorrected: 0 });
    }
  });

  test('agents have clocks of their own', () => {
    const sent = [1, 2, 1, 2].map((agent, i) => ({
      message: hepOf(invite, { agent, timeUs: NOW_US + i * 1000 + (agent === 1 ? 7_200_000_000 : 0) }),
    }));
    expect(play(sent).account.hep).toEqual({ messages: 4, clocksCorrected: 1 });
  });

  test('agents of one network that share a number have clocks of their own', () => {
    const sent = [1, 2, 1, 2].map((host, i) => ({
      message: hepOf(invite, { timeUs: NOW_US + i * 1000 + (host === 1 ? 7_200_000_000 : 0) }),
      timeUs: NOW_US + i * 1000,
      host,
    }));
    expect(play(sent).account.hep).toEqual({ messages: 4, clocksCorrected: 1 });
  });

  test('a datagram of an agent that the mirror shows twice counts once', () => {
    const message = hepOf(invite);
    const { account } = play([{ message }, { message }]);
    expect(account.decoded.sip).toBe(1);
    expect(account.mirrorDuplicates).toBe(1);
  });

  test('HEP in HEP is not opened twice', () => {
    const { account } = play([{ message: hepOf(hepOf(invite)) }]);
    expect(account.decoded).toMatchObject({ sip: 0 });
  });
});

test('HEP over TCP, cut anywhere', () => {
  for (const sizes of [[60_000], [1], [7, 300]]) {
    const received: Uint8Array[] = [];
    const tcp = new TcpSignalling({ takeSip: () => {}, takeHep: (message) => received.push(message) });
    const messages = [hepOf(invite), hepOf(bytesOf(OK_RESPONSE)), hepOf(invite)];
    const connection = new Connection(tcp, 40_000, 9060);
    // The first segment has to show what it is.
    connection
      .open()
      .send(true, messages[0]!)
      .send(true, Buffer.concat(messages.slice(1)), sizes);
    expect(received.map((message) => Buffer.from(message).toString('hex'))).toEqual(
      messages.map((message) => Buffer.from(message).toString('hex')),
    );
  }
});
