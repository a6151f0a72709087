/** Calls through a router that does something to them, captured on one of its wires. */
import type { Impairment } from '../middlebox/impairment.ts';
import type { BoxTruth } from '../middlebox/truth.ts';
import { startBox } from './box.ts';
import { Lab, waitMs } from './lab.ts';
import { startCapture } from './programs.ts';
import { type Replayed, replayed } from './replayed.ts';
import { type SippOptions, startSipp } from './sipp.ts';

/** Two ends and the router between them. */
export interface Wires {
  caller: string;
  routerLeft: string;
  routerRight: string;
  callee: string;
}

export const PUBLIC: Wires = {
  caller: '198.51.100.2',
  routerLeft: '198.51.100.1',
  routerRight: '203.0.113.1',
  callee: '203.0.113.2',
};

/** A network: hosts `a`, `m` and `b`, of which `m` forwards; closed whatever happens. */
export async function inLab<Result>(wires: Wires, run: (lab: Lab) => Promise<Result>): Promise<Result> {
  const lab = new Lab();
  try {
    await lab.open('a', 'm', 'b');
    lab.link('a', `${wires.caller}/24`, 'm', `${wires.routerLeft}/24`);
    lab.link('m', `${wires.routerRight}/24`, 'b', `${wires.callee}/24`);
    lab.forward('m');
    return await run(lab);
  } finally {
    await lab.close();
  }
}

/** Both ends reach everything by way of the router. */
export function routeBothWays(lab: Lab, wires: Wires): void {
  lab.route('a', 'default', wires.routerLeft);
  lab.route('b', 'default', wires.routerRight);
}

/** Captures on wires of the router while something happens; what the program says of each, by wire. */
export async function captured<Wire extends string>(
  lab: Lab,
  wires: readonly Wire[],
  happens: () => Promise<void>,
): Promise<Record<Wire, Replayed>> {
  const captures = [];
  for (const wire of wires) captures.push(await startCapture(lab, 'm', wire));
  await happens();
  await waitMs(500);
  for (const { running } of captures) await running.stop('INT');
  const reports = captures.map(({ file }, i) => [wires[i]!, replayed(file)] as const);
  return Object.fromEntries(reports) as Record<Wire, Replayed>;
}

export type CallOptions = Partial<Omit<SippOptions, 'ip' | 'peer'>> & {
  /** Whom the caller believes to be the callee. */
  via?: string;
};

/** One call of sipp to sipp, until the caller is done. */
export async function sippCall(lab: Lab, wires: Wires, options: CallOptions = {}): Promise<void> {
  const { via = wires.callee, ...own } = options;
  const all = { calls: 1, talkMs: 8000, ...own };
  const callee = startSipp(lab, 'b', { ...all, ip: wires.callee });
  await waitMs(300);
  const caller = startSipp(lab, 'a', { ...all, ip: wires.caller, peer: `${via}:5060` });
  await caller.ended;
  await callee.stop();
}

/** Puts a box into the router, which signalling and media of a call pass; the caller takes it for the callee. */
export async function boxed(
  lab: Lab,
  wires: Wires,
  harm: { toRight: Impairment; toLeft: Impairment },
  call: () => Promise<void>,
): Promise<BoxTruth> {
  const sip = (ip: string): { ip: string; port: number } => ({ ip, port: 5060 });
  const box = await startBox(lab, 'm', {
    left: { ...sip(wires.routerLeft), peer: sip(wires.caller) },
    right: { ...sip(wires.routerRight), peer: sip(wires.callee) },
    media: { by: 'relay', ...harm },
  });
  await call();
  return box.finish();
}
