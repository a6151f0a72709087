import type { ShownMedia, ShownMessage } from './html/evidence-contract.ts';
import { audioCodecs, type Exchange, exchanges, flowText } from './html/sdp-decisions.ts';

/** What a later exchange of descriptions changed, and when its answer passed. */
export interface Renegotiation {
  atUs: number;
  text: string;
}

/** What the two sides have agreed for one section of their descriptions. */
interface Agreed {
  type: string;
  codec: string | null;
  isHeld: boolean;
}

/**
 * What later offers and answers of a call changed: hold and its end, another codec, media of another kind. The first
 * exchange is where it began, and is not told; refreshes of session timers change nothing.
 */
export function renegotiations(steps: readonly ShownMessage[]): Renegotiation[] {
  const found: Renegotiation[] = [];
  const agreed = new Map<number, Agreed>();
  let first: ShownMessage | null = null;
  for (const exchange of exchanges(steps)) {
    const { offer, answer } = exchange;
    first ??= offer;
    const changes = offer.sdp.media.flatMap((offered, at) =>
      changesOf(agreed, at, offered, answer.sdp.media[at], byWhom(exchange, steps)),
    );
    // Further answers to the first offer, of the branches of a fork, decide what it comes to.
    if (offer === first) continue;
    for (const text of changes) found.push({ atUs: answer.timeUs, text });
  }
  return found;
}

/** What an answer changes of what was agreed before, which it then is. */
function changesOf(
  agreed: Map<number, Agreed>,
  at: number,
  offered: ShownMedia,
  answered: ShownMedia | undefined,
  by: string,
): string[] {
  const { type } = offered;
  const known = agreed.get(at);
  // What takes the place of media of another kind begins anew.
  const before = known?.type === type ? known : null;
  const name = type === 'audio' ? '' : `${type} `;
  if (answered === undefined || answered.refused || offered.refused) {
    agreed.delete(at);
    if (before !== null) return [`${type} ended, ${by}`];
    return offered.refused ? [] : [`${type} refused, ${by}`];
  }
  const codec = audioCodecs(answered)[0] ?? null;
  const isHeld = offered.held || answered.held;
  agreed.set(at, { type, codec, isHeld });
  if (before === null) return [`${type} agreed${codec === null ? '' : ` (${codec})`}, ${by}`];
  const changes: string[] = [];
  if (isHeld !== before.isHeld)
    changes.push(
      isHeld
        ? `${name}on hold, ${by}: ${flowText(offered, answered).replace(' (hold)', '')}`
        : `${name}resumed, ${by}`,
    );
  if (codec !== before.codec && codec !== null)
    changes.push(`${name}codec ${codec} agreed in place of ${before.codec ?? 'none'}, ${by}`);
  return changes;
}

/** By which request, and of whom where its addresses tell. */
function byWhom({ offer, answer }: Exchange, steps: readonly ShownMessage[]): string {
  const isLate = offer.status !== null;
  const { method } = offer;
  const name = method === 'INVITE' ? 're-INVITE' : method;
  const invite = steps.find((step) => step.method === 'INVITE' && step.status === null);
  const from = isLate ? answer.src : offer.src;
  if (from === null || invite === undefined) return name;
  if (from.ip === invite.src?.ip) return `${name} of the caller`;
  return from.ip === invite.dst?.ip ? `${name} of the callee` : name;
}
