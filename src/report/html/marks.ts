import type { Severity, Verdict } from '../../records/types.ts';
import type { ReportCapture } from '../contract.ts';
import { type Html, html } from './template.ts';

/** A verdict in words and with a sign: nobody needs the colour to read it. */
export const VERDICT_WORDS: Readonly<Record<Verdict, { sign: string; word: string }>> = {
  healthy: { sign: '\u2713', word: 'healthy' },
  media: { sign: '\u25b2', word: 'bad media' },
  signalling: { sign: '\u25a0', word: 'bad signalling' },
  both: { sign: '\u25c6', word: 'bad media and signalling' },
  unknown: { sign: '\u25cb', word: 'not judged' },
};

const SEVERITY_SIGN: Readonly<Record<Severity, string>> = {
  critical: '\u25b2',
  warning: '\u25b3',
  info: '\u2139',
};

const TRUST_SIGN: Readonly<Record<ReportCapture['trust']['verdict'], string>> = {
  trusted: '\u2713',
  degraded: '\u25b3',
  untrusted: '\u25b2',
};

/** The verdict on a call. */
export function verdictMark(verdict: Verdict): Html {
  const { sign, word } = VERDICT_WORDS[verdict];
  return html`<span class="mark v-${verdict}"><span aria-hidden="true">${sign}</span> ${word}</span>`;
}

/** How grave a finding is. */
export function severityMark(severity: Severity): Html {
  return html`<span class="mark s-${severity}"><span aria-hidden="true">${SEVERITY_SIGN[severity]}</span> ${severity}</span>`;
}

/** Whether the capture can be relied on. */
export function trustMark(verdict: ReportCapture['trust']['verdict']): Html {
  return html`<span class="mark t-${verdict}"><span aria-hidden="true">${TRUST_SIGN[verdict]}</span> ${verdict}</span>`;
}
