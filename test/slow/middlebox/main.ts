/**
 * A box between two ends: passes SIP on, and puts itself (or rtpengine) into the way of the media by rewriting SDP.
 * Run as `node main.js CONFIG.json`; ends, and writes down what it did, when its standard input ends.
 */
import type { Socket } from 'node:dgram';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Bencoded } from './bencode.ts';
import { PreciseQueue } from './precise-queue.ts';
import { type Address, bound, MediaRelay, type RelaySides } from './relay.ts';
import { RtpengineControl } from './rtpengine.ts';
import { audioOf, header, join, kindOf, split, tagOf, withAudio, withContact } from './sip-text.ts';
import type { BoxTruth } from './truth.ts';

export interface BoxConfig {
  /** Own SIP addresses, and whom to pass messages to on each side. */
  left: Address & { peer: Address };
  right: Address & { peer: Address };
  media:
    | { by: 'relay'; toRight: RelaySides['toRight']; toLeft: RelaySides['toLeft'] }
    | { by: 'rtpengine'; control: Address; flags: string[] };
  out: string;
}

type Side = 'left' | 'right';
/** Answers an SDP that came from a side with the one to be shown to the other. */
type MediaPath = (side: Side, head: string, sdp: string) => Promise<string>;

const FIRST_PORT = 20_000;
const PORTS_PER_CALL = 4;

const config = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as BoxConfig;
const truth: BoxTruth = {
  flows: [],
  rtcpDelaysMs: { toRight: [], toLeft: [] },
  rtpengine: [],
  problems: [],
};
const sockets: Record<Side, Socket> = {
  left: await bound(config.left.ip, config.left.port),
  right: await bound(config.right.ip, config.right.port),
};
const other = (side: Side): Side => (side === 'left' ? 'right' : 'left');
const idOf = (head: string): string => header(head, 'Call-ID|i');

/** Packets on their way when a call ends are let through before rtpengine is asked for its count. */
const SETTLED_MS = 500;

/** Media goes through sockets of this box. */
function byRelay(media: BoxConfig['media'] & { by: 'relay' }): MediaPath {
  const queue = new PreciseQueue();
  const relays = new Map<string, MediaRelay>();
  const sides: RelaySides = {
    leftIp: config.left.ip,
    rightIp: config.right.ip,
    toRight: media.toRight,
    toLeft: media.toLeft,
  };
  return async (side, head, sdp) => {
    const audio = audioOf(sdp);
    if (audio === null) return sdp;
    let relay = relays.get(idOf(head));
    if (relay === undefined) {
      relay = new MediaRelay(sides, FIRST_PORT + relays.size * PORTS_PER_CALL, queue, truth);
      relays.set(idOf(head), relay);
      await relay.open();
    }
    relay[side] = audio;
    return withAudio(sdp, config[other(side)].ip, relay.port);
  };
}

/** Media goes through rtpengine, which is asked by its NG protocol; its figures are taken when the call ends. */
function byRtpengine(control: RtpengineControl, flags: string[]): MediaPath {
  return async (side, head, sdp) => {
    const offer = !head.startsWith('SIP/2.0');
    const fields: Record<string, Bencoded> = {
      'call-id': idOf(head),
      'from-tag': tagOf(header(head, 'From|f')),
      sdp,
      ICE: 'remove',
      replace: ['origin', 'session-connection'],
      flags: ['trust-address', ...flags],
    };
    if (offer) fields.direction = side === 'left' ? ['left', 'right'] : ['right', 'left'];
    else fields['to-tag'] = tagOf(header(head, 'To|t'));
    const answer = await control.ask(offer ? 'offer' : 'answer', fields);
    if (typeof answer.sdp === 'string') return answer.sdp;
    truth.problems.push(JSON.stringify(answer));
    return sdp;
  };
}

async function takeFigures(control: RtpengineControl, callId: string): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
  const query = await control.ask('query', { 'call-id': callId });
  const deleted = await control.ask('delete', { 'call-id': callId, 'delete-delay': 0 });
  truth.rtpengine.push({ callId, query, delete: deleted });
}

const { media } = config;
const control = media.by === 'rtpengine' ? new RtpengineControl(media.control.ip, media.control.port) : null;
const mediaPath =
  media.by === 'relay' ? byRelay(media) : byRtpengine(control as RtpengineControl, media.flags);
const ending = new Set<string>();

async function pass(side: Side, message: string): Promise<void> {
  const to = other(side);
  const { head, body } = split(message);
  if (!/^(SIP\/2\.0 |[A-Z]+ \S+ SIP\/2\.0)/.test(head)) return;
  const rewritten = audioOf(body) === null ? body : await mediaPath(side, head, body);
  const text = join({ head: withContact(head, config[to].ip, config[to].port), body: rewritten });
  sockets[to].send(text, config[to].peer.port, config[to].peer.ip);
  const id = idOf(head);
  if (control === null || kindOf(head) !== '200 BYE' || ending.has(id)) return;
  ending.add(id);
  await takeFigures(control, id);
}

for (const side of ['left', 'right'] as const) {
  sockets[side].on('message', (octets: Buffer) => {
    pass(side, octets.toString('utf8')).catch((error) => truth.problems.push(String(error)));
  });
}
process.stdin.on('end', () => {
  writeFileSync(config.out, JSON.stringify(truth));
  process.exit(0);
});
process.stdin.resume();
process.stdout.write('ready\n');
