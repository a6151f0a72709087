import { fixed, scaleMark } from '../amounts.ts';
import type { ReportStream } from '../contract.ts';
import { scoreExplained } from '../stream-block.ts';
import { escaped, Html, html } from './template.ts';
import { percentText } from './time-axis.ts';

/** The score as a bar: what is left of R, and what codec, loss, discard and delay took. */
export function scoreView(stream: Pick<ReportStream, 'quality' | 'noScore' | 'id'>): Html {
  const { quality } = stream;
  const r = quality === null ? null : (quality.rFactor ?? quality.rFactorLq);
  if (quality === null || r === null) return html`<p class="dim">Not scored: ${scoreExplained(stream)}</p>`;
  const withDelay = quality.rFactor !== null;
  const { codec, loss, discard, delay } = quality.impairments;
  const parts = [
    { name: 'R', points: Math.max(0, r), kind: 'left' },
    { name: 'codec', points: codec ?? 0, kind: 'codec' },
    { name: 'loss', points: loss ?? 0, kind: 'loss' },
    { name: 'discard', points: discard ?? 0, kind: 'discard' },
    { name: 'delay', points: withDelay ? (delay ?? 0) : 0, kind: 'delay' },
  ].filter(({ points }) => points > 0);
  const sum = parts.reduce((total, { points }) => total + points, 0) || 1;
  let at = 0;
  let content = '';
  for (const { name, points, kind } of parts) {
    const width = points / sum;
    content += `<rect class="p-${kind}" x="${percentText(at)}" width="${percentText(width)}" y="0" height="24"/>`;
    if (width > 0.09)
      content += `<text class="on-${kind}" x="${percentText(at + width / 2)}" y="16" text-anchor="middle">${escaped(`${name} ${fixed(points, 1)}`)}</text>`;
    at += width;
  }
  const told = parts.map(({ name, points }) => `${name} ${fixed(points, 1)}`).join(', ');
  return html`<div class="score"><svg class="bar" width="100%" height="24" role="img" aria-label="Score of ${stream.id}${scaleMark(quality.scale)}: ${told}">${new Html(content)}</svg>
<p><b>${quality.explanation.text}</b>. ${scoreExplained(stream)}</p></div>`;
}
