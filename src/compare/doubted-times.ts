import type { TrustReason } from '../records/types.ts';
import { mergedSpans, type TimeSpan } from '../report/search/time-window.ts';
import { neutralised } from '../report/wire-text.ts';
import type { Loose } from './call-sample.ts';
import type { SideFacts } from './contract.ts';

/** The trust that a status tells is that of the five minutes before it. */
const TRUST_US = 300e6;
/** Reasons of one code with their times; what reasons there are is a short list of ours. */
const REASONS_MAX = 64;

type Trust = Loose<SideFacts['trust']> | null;

/** When a probe doubted its capture, and why. */
export class DoubtedTimes {
  private readonly spans: TimeSpan[] = [];
  /** By code: the text told last, and when it held. */
  private readonly reasons = new Map<string, { text: string; spans: TimeSpan[] }>();

  /** What a status says of the time before it. */
  standing(timeUs: number, uptimeUs: number, trust: Trust): void {
    this.note({ fromUs: timeUs - Math.min(TRUST_US, Math.max(0, uptimeUs)), toUs: timeUs }, trust);
  }

  /** What is said of a recording when it is over. */
  recording(fromUs: number, toUs: number, trust: Trust): void {
    this.note({ fromUs, toUs }, trust);
  }

  /** When the capture was untrusted. */
  untrusted(): TimeSpan[] {
    return mergedSpans(this.spans);
  }

  /** The reasons that held within a time. */
  trustIn(span: TimeSpan): { reasons: TrustReason[] } {
    const reasons = [...this.reasons].flatMap(([code, { text, spans }]) => {
      const held = spans.some(({ fromUs, toUs }) => fromUs < span.toUs && toUs > span.fromUs);
      return held ? [{ code, text }] : [];
    });
    return { reasons };
  }

  private note(span: TimeSpan, trust: Trust): void {
    if (trust === null || typeof trust !== 'object') return;
    if (trust.verdict === 'untrusted') lengthen(this.spans, span);
    if (!Array.isArray(trust.reasons)) return;
    for (const reason of trust.reasons as readonly (Loose<TrustReason> | null)[]) {
      if (typeof reason?.code !== 'string') continue;
      const code = neutralised(reason.code);
      const known = this.reasons.get(code);
      if (known === undefined && this.reasons.size >= REASONS_MAX) continue;
      const spans = known?.spans ?? [];
      lengthen(spans, span);
      this.reasons.set(code, { text: neutralised(String(reason.text ?? code)), spans });
    }
  }
}

/** Statuses come in order: nearly always it is the last span that goes on. */
function lengthen(spans: TimeSpan[], { fromUs, toUs }: TimeSpan): void {
  const last = spans.at(-1);
  if (last !== undefined && fromUs <= last.toUs && toUs >= last.fromUs) {
    last.fromUs = Math.min(last.fromUs, fromUs);
    last.toUs = Math.max(last.toUs, toUs);
  } else spans.push({ fromUs, toUs });
}
