import { describe, expect, test } from 'vitest';
import type { FindingRecord, StreamRecord } from '../../src/records/types.ts';
import type { Replayed } from '../engine/replayed.ts';
import { ALICE, audioOf, BOB, Dialog, type Peer } from './dialog.ts';
import { type Endpoint, Tape } from './tape.ts';

/** A media server with one port for all. */
const SERVER: Peer = { user: 'server', ip: '203.0.113.80', sipPort: 5060, rtpPort: 3478 };
const rtpOf = ({ ip, rtpPort }: Peer): Endpoint => ({ ip, port: rtpPort });
const SERVED = rtpOf(SERVER);

const nameOf = (i: number): string => `call-${String(i).padStart(2, '0')}`;
const sent = (ssrc: number): { lines: string[] } => ({ lines: [`a=ssrc:${ssrc} cname:x`] });
const clientOf = (i: number): Peer => ({ ...ALICE, ip: `192.0.2.${10 + i}`, rtpPort: 20_000 + 2 * i });
/** Where client `i` is seen to send from, and is sent to. */
const outsideOf = (i: number): Endpoint => ({ ip: '198.51.100.7', port: 50_000 + i });

const media = (findings: readonly FindingRecord[]): string[] =>
  findings
    .filter(({ code }) => /media/.test(code))
    .map(({ callId, code, direction }) => `${callId} ${code} ${direction}`)
    .sort();

/** SSRC and direction of each stream of a call. */
const streamsOf = (
  { streams }: Replayed,
  i: number,
): [ssrc: number, direction: StreamRecord['direction']][] =>
  streams
    .filter(({ callId }) => callId === nameOf(i))
    .map(({ ssrc, direction }) => [Number(ssrc), direction]);

/** What client `i` and the server send to each other. */
const ownOf = (i: number): ReturnType<typeof streamsOf> => [
  [100 + i, 'callerToCallee'],
  [200 + i, 'calleeToCaller'],
];

interface Meeting {
  /** Which calls announce SSRCs; default all. */
  announces?: (i: number) => boolean;
  /** Which calls the server does not send to, or the client does not send in. */
  deaf?: readonly number[];
  dumb?: readonly number[];
  /** Does client `i` sit behind a NAT? Default all. */
  nat?: (i: number) => boolean;
  /** Packets each way; default 740. */
  packets?: number;
  /** Media of call `i` starts so long after its INVITE, ms; default when all calls are up. */
  startMs?: (i: number) => number;
  /** More that happens in a call. */
  more?: (tape: Tape, dialog: Dialog, i: number, startMs: number) => void;
}

/** So many calls at one time between clients behind a NAT and a server with one port. */
function meeting(calls: number, options: Meeting = {}): Replayed {
  const {
    announces = () => true,
    deaf = [],
    dumb = [],
    nat = () => true,
    packets: count = 740,
    more,
  } = options;
  const tape = new Tape();
  for (let i = 0; i < calls; i++) {
    const client = clientOf(i);
    const dialog = new Dialog(tape, nameOf(i), client, SERVER, `tag-${i}`);
    const [forth, back] = announces(i) ? [sent(100 + i), sent(200 + i)] : [{}, {}];
    dialog.answered(i * 80, audioOf(client, forth), audioOf(SERVER, back));
    const here = nat(i) ? outsideOf(i) : rtpOf(client);
    const startMs = options.startMs === undefined ? calls * 80 + 1050 : i * 80 + options.startMs(i);
    if (!dumb.includes(i)) tape.rtp({ from: here, to: SERVED, ssrc: 100 + i, atMs: startMs, count });
    if (!deaf.includes(i)) tape.rtp({ from: SERVED, to: here, ssrc: 200 + i, atMs: startMs, count });
    more?.(tape, dialog, i, startMs);
    dialog.released(calls * 80 + 16_050);
  }
  return tape.play();
}

describe('clients behind a NAT, and a media server with one port for all', () => {
  test.each([3, 20])(
    '%i calls that announce SSRCs have their own streams, and nothing is missing',
    (count) => {
      const played = meeting(count);
      for (let i = 0; i < count; i++) expect(streamsOf(played, i)).toEqual(ownOf(i));
      expect(media(played.findings)).toEqual([]);
      expect(played.calls.map(({ verdict }) => verdict)).toEqual(Array(count).fill('healthy'));
    },
  );

  test.each([3, 20])('of %i calls one is not sent to, and one does not send: they are told', (count) => {
    const last = nameOf(count - 1);
    expect(media(meeting(count, { deaf: [0], dumb: [count - 1] }).findings)).toEqual([
      'call-00 one_way_media calleeToCaller',
      `${last} one_way_media callerToCallee`,
    ]);
  });

  test('media that came before the answer was taken for that of the newest call, until the answer names it', () => {
    const played = meeting(5, { startMs: () => 500 });
    for (let i = 0; i < 5; i++) expect(streamsOf(played, i)).toEqual(ownOf(i));
    expect(media(played.findings)).toEqual([]);
  });

  test.each([5, 20])(
    'of %i calls every other names none: the streams of the others are told apart',
    (count) => {
      const played = meeting(count, { announces: (i) => i % 2 === 0 });
      for (let i = 0; i < count; i += 2) {
        const own = streamsOf(played, i).filter(([ssrc]) => ssrc % 2 === 0);
        expect(own).toEqual(ownOf(i));
      }
      for (let i = 1; i < count; i += 2) {
        expect(streamsOf(played, i).filter(([ssrc]) => ssrc % 2 === 0)).toEqual([]);
      }
      expect(media(played.findings)).toEqual([]);
    },
  );

  test('without SSRCs, beside clients that are seen where they say: nothing is said of media', () => {
    const played = meeting(20, { announces: () => false, nat: (i) => i % 2 === 1 });
    expect(media(played.findings)).toEqual([]);
    for (let i = 0; i < 20; i += 2) expect(streamsOf(played, i)).toEqual(ownOf(i));
    for (let i = 1; i < 20; i += 2) expect(streamsOf(played, i)).toEqual([]);
  });
});

test.each([5, 20])(
  '%i calls, of which the server names no SSRC and sends first: its streams go with those that come back',
  (count) => {
    const tape = new Tape();
    for (let i = 0; i < count; i++) {
      const client = clientOf(i);
      const dialog = new Dialog(tape, nameOf(i), client, SERVER, `tag-${i}`);
      dialog.answered(i * 80, audioOf(client, sent(100 + i)), audioOf(SERVER));
      tape.rtp({ from: SERVED, to: outsideOf(i), ssrc: 200 + i, atMs: i * 80 + 1100, count: 740 });
      tape.rtp({ from: outsideOf(i), to: SERVED, ssrc: 100 + i, atMs: i * 80 + 1600, count: 715 });
      dialog.released(18_000);
    }
    const played = tape.play();
    for (let i = 0; i < count; i++) expect(streamsOf(played, i)).toEqual(ownOf(i).reverse());
    expect(media(played.findings)).toEqual([]);
  },
);

describe('SSRCs change', () => {
  const again = { sequence: 9000, timestamp: 7_000_000, count: 300 };

  test.each([
    ['by a new description', true],
    ['without a word, as after a restart', false],
  ])('%s: the new streams are of the same call', (_, said) => {
    const played = meeting(20, {
      packets: 350,
      more: (tape, dialog, i, startMs) => {
        const client = clientOf(i);
        if (said)
          dialog.reinvited(
            startMs + 7000,
            'caller',
            7,
            audioOf(client, sent(300 + i)),
            audioOf(SERVER, sent(400 + i)),
          );
        const atMs = startMs + 7100;
        tape.rtp({ from: outsideOf(i), to: SERVED, ssrc: 300 + i, ...again, atMs });
        tape.rtp({ from: SERVED, to: outsideOf(i), ssrc: 400 + i, ...again, atMs });
      },
    });
    for (let i = 0; i < 20; i++) {
      const ssrcs = streamsOf(played, i).map(([ssrc]) => ssrc);
      expect(ssrcs).toEqual([100 + i, 200 + i, 300 + i, 400 + i]);
    }
    expect(media(played.findings)).toEqual([]);
  });
});

describe('an SSRC by itself is no name', () => {
  test('calls that share nothing but SSRCs keep their own streams', () => {
    const tape = new Tape();
    const carol: Peer = { ...ALICE, ip: '192.0.2.77' };
    const dave: Peer = { ...BOB, ip: '198.51.100.77' };
    const one = new Dialog(tape, nameOf(0), ALICE, BOB);
    const two = new Dialog(tape, nameOf(1), carol, dave, 'other-tag');
    one.answered(0, audioOf(ALICE, sent(1)), audioOf(BOB, sent(2)));
    // The same SSRCs, the other way round.
    two.answered(50, audioOf(carol, sent(2)), audioOf(dave, sent(1)));
    for (const [dialog, forth, back] of [
      [one, 1, 2],
      [two, 2, 1],
    ] as const) {
      dialog.media('caller', 1200, 700, { ssrc: forth });
      dialog.media('callee', 1200, 700, { ssrc: back });
      dialog.released(15_500);
    }
    const played = tape.play();
    expect(played.streams.map(({ callId, src }) => [callId, src.ip]).sort()).toEqual([
      ['call-00', ALICE.ip],
      ['call-00', BOB.ip],
      ['call-01', carol.ip],
      ['call-01', dave.ip],
    ]);
  });

  test('a stranger with the SSRC of a call is a stranger', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape, nameOf(0));
    dialog.answered(0, audioOf(ALICE, sent(1)), audioOf(BOB, sent(2)));
    dialog.conversation(1200, 700);
    tape.rtp({ from: outsideOf(0), to: outsideOf(1), ssrc: 1, atMs: 1200, count: 700 });
    dialog.released(15_500);
    const { streams } = tape.play();
    expect(streams.filter(({ callId }) => callId === null).map(({ src }) => src.ip)).toEqual([
      outsideOf(0).ip,
    ]);
  });

  test.each([5, 20])('%i calls that all have the same are told no more apart than without', (count) => {
    const tape = new Tape();
    for (let i = 0; i < count; i++) {
      const client = clientOf(i);
      const dialog = new Dialog(tape, nameOf(i), client, SERVER, `tag-${i}`);
      dialog.answered(i * 80, audioOf(client, sent(1)), audioOf(SERVER, sent(2)));
      tape.rtp({ from: outsideOf(i), to: SERVED, ssrc: 1, atMs: 3000, count: 740 });
      tape.rtp({ from: SERVED, to: outsideOf(i), ssrc: 2, atMs: 3000, count: 740 });
      dialog.released(18_000);
    }
    expect(media(tape.play().findings)).toEqual([]);
  });
});

test('legs that pass descriptions on announce the same SSRCs: what is missing is told on both, and nothing else', () => {
  const middle: Peer = { user: 'middle', ip: '203.0.113.5', sipPort: 5060, rtpPort: 40_000 };
  const legs = (deaf: boolean): string[] => {
    const tape = new Tape();
    for (let i = 0; i < 12; i++) {
      const client = clientOf(i);
      const near = new Dialog(tape, `${nameOf(i)}-near`, client, middle, `near-${i}`);
      const far = new Dialog(tape, `${nameOf(i)}-far`, middle, SERVER, `far-${i}`);
      const [offer, answer] = [audioOf(client, sent(100 + i)), audioOf(SERVER, sent(200 + i))];
      near.answered(i * 80, offer, answer);
      far.answered(i * 80 + 5, offer, answer);
      tape.rtp({ from: outsideOf(i), to: SERVED, ssrc: 100 + i, atMs: 2500, count: 740 });
      if (!deaf || i !== 3)
        tape.rtp({ from: SERVED, to: outsideOf(i), ssrc: 200 + i, atMs: 2500, count: 740 });
      near.released(17_500);
      far.released(17_505);
    }
    return media(tape.play().findings);
  };
  expect(legs(false)).toEqual([]);
  expect(legs(true)).toEqual([
    'call-03-far one_way_media calleeToCaller',
    'call-03-near one_way_media calleeToCaller',
  ]);
});

test('SSRCs beyond the bound of a call are counted', () => {
  const tape = new Tape();
  const dialog = new Dialog(tape, nameOf(0));
  for (let i = 0; i < 6; i++) {
    const lines = Array.from({ length: 64 }, (_, k) => `a=ssrc:${i * 64 + k} cname:x`);
    dialog.request(i * 1000, 'INVITE', { sdp: audioOf(ALICE, { lines }) });
  }
  expect(tape.play().account.discarded.ssrc_table_full).toBe(6 * 64 - 256);
});
