/** Calls through two boxes that harm media, with rtpengine between them, captured where rtpengine stands. */
import { readFileSync } from 'node:fs';
import type { Impairment } from '../middlebox/impairment.ts';
import type { BoxTruth } from '../middlebox/truth.ts';
import { startBox } from './box.ts';
import { type Lab, waitMs } from './lab.ts';
import { startBaresip, startCapture, startRtpengine } from './programs.ts';
import { type Replayed, replayed } from './replayed.ts';
import { startSipp } from './sipp.ts';

/** Addresses of the wires, from the caller's to the callee's. */
export const NET = {
  caller: '10.91.1.2',
  leftOuter: '10.91.1.1',
  leftInner: '10.91.2.1',
  middleLeft: '10.91.2.2',
  middleRight: '10.91.3.1',
  rightInner: '10.91.3.2',
  rightOuter: '10.91.4.1',
  callee: '10.91.4.2',
} as const;

export interface RelayedCall {
  report: Replayed;
  left: BoxTruth;
  middle: BoxTruth;
  right: BoxTruth;
  rtpengineLog: string;
  capture: string;
}

export interface Harm {
  left: { toRight: Impairment; toLeft: Impairment };
  right: { toRight: Impairment; toLeft: Impairment };
}

const sip = (ip: string): { ip: string; port: number } => ({ ip, port: 5060 });

async function startBoxes(lab: Lab, { left, right }: Harm) {
  return {
    left: await startBox(lab, 'l', {
      left: { ...sip(NET.leftOuter), peer: sip(NET.caller) },
      right: { ...sip(NET.leftInner), peer: sip(NET.middleLeft) },
      media: { by: 'relay', ...left },
    }),
    middle: await startBox(lab, 'm', {
      left: { ...sip(NET.middleLeft), peer: sip(NET.leftInner) },
      right: { ...sip(NET.middleRight), peer: sip(NET.rightInner) },
      media: { by: 'rtpengine', control: { ip: '127.0.0.1', port: 2223 }, flags: ['generate RTCP'] },
    }),
    right: await startBox(lab, 'r', {
      left: { ...sip(NET.rightInner), peer: sip(NET.middleRight) },
      right: { ...sip(NET.rightOuter), peer: sip(NET.callee) },
      media: { by: 'relay', ...right },
    }),
  };
}

/** Lets end points call each other through it all, and collects what everyone says. */
async function relayed(lab: Lab, harm: Harm, call: (lab: Lab) => Promise<void>): Promise<RelayedCall> {
  await lab.open('a', 'l', 'm', 'r', 'b');
  lab.link('a', `${NET.caller}/24`, 'l', `${NET.leftOuter}/24`);
  lab.link('l', `${NET.leftInner}/24`, 'm', `${NET.middleLeft}/24`);
  lab.link('m', `${NET.middleRight}/24`, 'r', `${NET.rightInner}/24`);
  lab.link('r', `${NET.rightOuter}/24`, 'b', `${NET.callee}/24`);
  const rtpengine = await startRtpengine(lab, 'm', NET.middleLeft, NET.middleRight);
  const capture = await startCapture(lab, 'm', 'any');
  const boxes = await startBoxes(lab, harm);
  await call(lab);
  // rtpengine is asked half a second after the last BYE was answered.
  await waitMs(1500);
  await capture.running.stop('INT');
  return {
    left: await boxes.left.finish(),
    middle: await boxes.middle.finish(),
    right: await boxes.right.finish(),
    rtpengineLog: readFileSync(rtpengine.log, 'utf8'),
    capture: capture.file,
    report: replayed(capture.file),
  };
}

/** Calls of sipp, which sends no RTCP: all reports are rtpengine's own. */
export function sippThroughRtpengine(lab: Lab, harm: Harm, calls: number): Promise<RelayedCall> {
  return relayed(lab, harm, async () => {
    const options = { calls, talkMs: 8000, silentMs: 7000 };
    const callee = startSipp(lab, 'b', { ...options, ip: NET.callee });
    await waitMs(500);
    const caller = startSipp(lab, 'a', { ...options, ip: NET.caller, peer: `${NET.leftOuter}:5060` });
    await caller.ended;
    await callee.ended;
  });
}

/** A call of baresip, whose own reports rtpengine reads. */
export function baresipThroughRtpengine(lab: Lab, harm: Harm): Promise<RelayedCall> {
  return relayed(lab, harm, async () => {
    const options = { codec: 'PCMA', codecModule: 'g711.so' };
    const callee = startBaresip(lab, 'b', { ...options, ip: NET.callee, user: 'bob', seconds: 19 });
    await waitMs(1000);
    const dial = `sip:bob@${NET.leftOuter}`;
    const caller = startBaresip(lab, 'a', { ...options, ip: NET.caller, user: 'alice', seconds: 17, dial });
    await caller.ended;
    await callee.stop();
  });
}
