import { dscpText } from '../records/dscp.ts';
import { counted, span } from './amounts.ts';
import type { ReportCall } from './contract.ts';
import { factLines } from './facts.ts';
import type { TextStyle } from './paint.ts';

/** What signalling said of a call besides its state: only what is out of the ordinary, and who took part. */
export function* callSignallingLines(call: ReportCall, style: TextStyle): Generator<string> {
  for (const [label, text] of signallingFacts(call)) yield* factLines(label, text, style);
}

/** The same as labels and texts. */
export function signallingFacts(call: ReportCall): (readonly [label: string, text: string])[] {
  const { signalling, legs, conversationId } = call;
  const { userAgents, emergency, diversions, redirectedTo, sessionTimer } = signalling;
  const timer =
    sessionTimer === null
      ? ''
      : `${sessionTimer.seconds} s, to be refreshed by ${sessionTimer.refresher === null ? 'either side' : `the ${sessionTimer.refresher}`}, refreshed ${times(sessionTimer.refreshes)}`;
  const facts: (readonly [string, string])[] = [
    ['emergency', emergency === null ? '' : emergencyText(emergency)],
    ['identity', signalling.assertedIdentity ?? ''],
    ['devices', devices(userAgents.caller, userAgents.callee)],
    ['attempt', attemptText(call)],
    ['ended by', releaseText(call)],
    ['diverted', diversions.join(', ')],
    ['redirected', redirectedTo.length === 0 ? '' : `to ${redirectedTo.join(', ')}`],
    ['marking', markingText(signalling.dscp)],
    ['session', timer],
    ['transfers', signalling.transfers.map(transferText).join('; ')],
    ['legs', conversationId === null ? '' : `conversation ${conversationId}, with ${legs.join(', ')}`],
  ];
  return facts.filter(([, text]) => text !== '');
}

/** The number or service that was called, and whether the INVITE said where the caller is. */
export function emergencyText({ service, location }: { service: string; location: boolean }): string {
  return `${service}, ${location ? 'with' : 'without'} location`;
}

/** How SIP was marked, where that is not simply best effort. */
function markingText({ caller, callee }: ReportCall['signalling']['dscp']): string {
  if ([...caller, ...callee].every((dscp) => dscp === 0)) return '';
  const of = (seen: readonly number[]): string =>
    seen.length === 0 ? 'not seen' : seen.map(dscpText).join(', ');
  return of(caller) === of(callee)
    ? `SIP ${of(caller)}`
    : `SIP from the caller ${of(caller)}, from the callee ${of(callee)}`;
}

function times(count: number): string {
  return count === 0 ? 'never' : count === 1 ? 'once' : `${count} times`;
}

function devices(caller: string | null, callee: string | null): string {
  if (caller === null && callee === null) return '';
  return `${caller ?? 'unknown'} calls ${callee ?? 'unknown'}`;
}

function attemptText({ signalling }: ReportCall): string {
  const { tries, refusals, retryOf, retriedAs, forks, loops, retransmissions, reliableProvisional } =
    signalling;
  const parts: string[] = [];
  if (tries > 1) parts.push(`${tries} INVITEs (refused before with ${refusals.join(', ') || 'nothing'})`);
  if (retryOf !== null) parts.push(`tries again after ${retryOf} failed`);
  if (retriedAs !== null) parts.push(`answered as ${retriedAs} at the next try`);
  if (forks > 1) parts.push(`forked, ${forks} dialogs`);
  if (loops > 0) parts.push(`loop: the INVITE came by ${loops + 1} times`);
  if (retransmissions > 0) parts.push(counted(retransmissions, 'retransmission'));
  if (reliableProvisional) parts.push('provisional responses acknowledged (PRACK)');
  if (signalling.ringMs !== null) parts.push(`rang for ${span(signalling.ringMs)}`);
  return parts.join(', ');
}

function releaseText({ signalling: { release, reasonPhrase }, finalCode }: ReportCall): string {
  if (release === null) return '';
  const reasons = release.reasons.map(({ protocol, cause, text }) =>
    [protocol, cause, text === null ? null : `"${text}"`].filter((part) => part !== null).join(' '),
  );
  if (reasons.length === 0 && release.q850Cause !== null) reasons.push(`Q.850 ${release.q850Cause}`);
  const how =
    release.method === 'response' ? `${finalCode ?? ''} ${reasonPhrase ?? ''}`.trim() : release.method;
  // A plain BYE is how calls end.
  if (reasons.length === 0) return release.method === 'BYE' ? '' : how;
  return `${how}: ${reasons.join(', ')}`;
}

function transferText(transfer: ReportCall['signalling']['transfers'][number]): string {
  const { by, target, outcome, referStatus, notifyStatus, replaces } = transfer;
  const kind = replaces === null ? '' : ' (attended)';
  const codes = [referStatus, notifyStatus].filter((code) => code !== null).join(', ');
  return `by the ${by} to ${target ?? 'unknown'}${kind}: ${outcome}${codes === '' ? '' : ` (${codes})`}`;
}
