import { counted, fixed, span } from './amounts.ts';
import { factLines } from './facts.ts';
import type { ShownEndpoint, ShownLadder, ShownMessage } from './html/evidence-contract.ts';
import { decisionLines, roleOf, sdpText } from './html/sdp-decisions.ts';
import { PLAIN, type TextStyle } from './paint.ts';
import { displayWidth, padded, truncated, wrapped } from './terminal-text.ts';
import { neutralised } from './wire-text.ts';

/** Hosts with a lane of their own; with more the picture is a list. */
const HOSTS_SHOWN = 6;
const LANE_MOST = 30;
/** Under this no name of a message fits. */
const LANE_LEAST = 16;
const TIMES_WIDTH = 25;
/** What follows the lanes: the number of the frame. */
const FRAME_WIDTH = 8;

interface Drawing {
  life: string;
  dash: string;
  right: string;
  left: string;
}

const UNICODE: Drawing = { life: '│', dash: '─', right: '▶', left: '◀' };
const ASCII: Drawing = { life: '|', dash: '-', right: '>', left: '<' };

/** The SIP ladder of a call for a terminal: who sent what to whom, when, with which SDP, in which frame. */
export function* ladderLines(
  ladder: ShownLadder,
  callStartUs: number | null,
  style: TextStyle,
): Generator<string> {
  const { steps } = ladder;
  const first = steps[0];
  if (first === undefined) return;
  const hosts = hostsOf(steps);
  const lane = laneWidth(hosts.length, style.columns ?? 0);
  const startUs = callStartUs ?? first.timeUs;
  const paint = style.paint ?? PLAIN;
  if (lane > 0) {
    const heads = hosts.map((host) => padded(truncated(host, lane - 1, style.unicode ?? true), lane, 'left'));
    yield `${' '.repeat(TIMES_WIDTH)}${paint.dim(heads.join('').trimEnd())}`;
  }
  for (const [i, step] of steps.entries()) {
    const times = timesText(steps, i, startUs);
    const frame = step.frame === null ? '' : `  ${paint.dim(`#${step.frame.frame}`)}`;
    if (lane > 0) yield `${tone(step, style)(times + laneText(step, hosts, lane, style))}${frame}`.trimEnd();
    else yield* listed(times, step, frame, style);
    yield* sdpLines(steps, i, style);
  }
  yield* notes(ladder, style);
}

function* notes({ left, copies, steps }: ShownLadder, style: TextStyle): Generator<string> {
  for (const line of decisionLines(steps)) yield* factLines('agreed', neutralised(line), style);
  if (left > 0) yield* factLines('', `${counted(left, 'later message')} not kept`, style);
  if (copies > 0) yield* factLines('', `copies by the mirror left out: ${copies}`, style);
}

function hostsOf(steps: readonly ShownMessage[]): string[] {
  const hosts = new Set<string>();
  for (const { src, dst } of steps) for (const end of [src, dst]) if (end !== null) hosts.add(end.ip);
  return [...hosts];
}

/** Columns from one host to the next; 0 where lanes do not fit. */
function laneWidth(hosts: number, columns: number): number {
  if (hosts < 2 || hosts > HOSTS_SHOWN) return 0;
  if (columns === 0) return LANE_MOST;
  const room = Math.floor((columns - TIMES_WIDTH - FRAME_WIDTH - 1) / (hosts - 1));
  // The last host has its name to the right of its lane.
  const fits = hosts === 2 ? Math.min(room, columns - TIMES_WIDTH - LANE_LEAST) : room;
  return fits < LANE_LEAST ? 0 : Math.min(LANE_MOST, fits);
}

function timesText(steps: readonly ShownMessage[], index: number, startUs: number): string {
  const { timeUs } = steps[index]!;
  const before = steps[index - 1];
  const after = (timeUs - startUs) / 1e6;
  const since = before === undefined ? '' : sinceText((timeUs - before.timeUs) / 1000);
  return `${`${after < 0 ? '' : '+'}${fixed(after, 3)} s`.padStart(12)}${since.padStart(11)}  `;
}

/** Short times keep their tenths of milliseconds. */
function sinceText(ms: number): string {
  return Math.abs(ms) < 1000 ? `${fixed(ms, 1)} ms` : span(ms);
}

function nameOf({ method, status, reasonPhrase, again }: ShownMessage): string {
  const name = status === null ? method : `${status}${reasonPhrase ? ` ${reasonPhrase}` : ` (${method})`}`;
  return neutralised(`${name}${again ? ' again' : ''}`);
}

function tone(step: ShownMessage, style: TextStyle): (text: string) => string {
  const paint = style.paint ?? PLAIN;
  if (step.again) return paint.yellow;
  return step.status !== null && step.status >= 400 ? paint.red : (text) => text;
}

/** A message in words, where there is no room for lanes. */
function* listed(times: string, step: ShownMessage, frame: string, style: TextStyle): Generator<string> {
  const width = Math.max(0, (style.columns ?? 0) - TIMES_WIDTH - FRAME_WIDTH);
  const lines = wrapped(`${socket(step.src)} > ${socket(step.dst)} ${nameOf(step)}`, width);
  for (const [i, line] of lines.entries()) {
    const left = i === 0 ? times : ' '.repeat(TIMES_WIDTH + 2);
    yield `${tone(step, style)(left + line)}${i === lines.length - 1 ? frame : ''}`;
  }
}

function laneText(step: ShownMessage, hosts: readonly string[], lane: number, style: TextStyle): string {
  const from = step.src === null ? -1 : hosts.indexOf(step.src.ip);
  const to = step.dst === null ? -1 : hosts.indexOf(step.dst.ip);
  const name = nameOf(step);
  const drawing = (style.unicode ?? true) ? UNICODE : ASCII;
  const cells = hosts.map((_, i) => (i === hosts.length - 1 ? drawing.life : drawing.life.padEnd(lane)));
  // Within one host, or from where nobody knows: in words beside its line.
  if (from < 0 || to < 0 || from === to)
    return `${cells.join('')} ${socket(step.src)} > ${socket(step.dst)} ${name}`;
  const [left, right] = [Math.min(from, to), Math.max(from, to)];
  const width = (right - left) * lane - 1;
  const arrow = arrowText(name, width, to > from, drawing, style.unicode ?? true);
  return `${cells.slice(0, left).join('')}${drawing.life}${arrow}${cells.slice(right).join('')}`;
}

function arrowText(
  name: string,
  width: number,
  toRight: boolean,
  drawing: Drawing,
  unicode: boolean,
): string {
  const text = ` ${truncated(name, Math.max(0, width - 5), unicode)} `;
  const dashes = width - 1 - displayWidth(text);
  const before = Math.floor(dashes / 2);
  const line = `${drawing.dash.repeat(before)}${text}${drawing.dash.repeat(dashes - before)}`;
  return toRight ? `${line}${drawing.right}` : `${drawing.left}${line}`;
}

function* sdpLines(steps: readonly ShownMessage[], index: number, style: TextStyle): Generator<string> {
  const { sdp } = steps[index]!;
  if (sdp === null) return;
  const paint = style.paint ?? PLAIN;
  const text = neutralised(`${roleOf(steps, index) ?? 'SDP'}: ${sdpText(sdp)}`);
  const columns = style.columns ?? 0;
  const width = columns === 0 ? 0 : Math.max(1, columns - TIMES_WIDTH - 2);
  for (const line of wrapped(text, width)) yield `${' '.repeat(TIMES_WIDTH + 2)}${paint.dim(line)}`;
}

function socket(end: ShownEndpoint | null): string {
  if (end === null) return 'unknown';
  return end.ip.includes(':') ? `[${end.ip}]:${end.port}` : `${end.ip}:${end.port}`;
}
