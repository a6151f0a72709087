import { counted, fixed, percent } from '../amounts.ts';
import type { ReportStream } from '../contract.ts';
import { type Html, html } from './template.ts';

type Row = readonly [what: string, wire: string, receiver: string, endpoint: string];

const HEADS = ['wire, here', 'receiver (RR)', 'endpoint (XR)'] as const;

/** What the receiver reported beside what was measured here; null where nobody reported anything. */
export function rtcpView(stream: ReportStream): Html | null {
  const { rtcp } = stream;
  const reports = rtcp.senderReports + rtcp.receiverReports + rtcp.xrReports;
  if (reports === 0) {
    if (rtcp.srtcp === 0)
      return html`<p class="dim">No RTCP about this stream was seen: only the wire speaks.</p>`;
    return html`<p class="dim">${counted(rtcp.srtcp, 'report')} seen, encrypted: nothing in them can be read.</p>`;
  }
  const rows = rowsOf(stream).filter(([, ...cells]) => cells.some((cell) => cell !== '-'));
  // Few endpoints send extended reports.
  const columns = rows.some(([, , , endpoint]) => endpoint !== '-') ? HEADS : HEADS.slice(0, 2);
  return html`<table class="compact"><caption>RTCP beside the wire: ${rtcp.senderReports} SR, ${rtcp.receiverReports} RR, ${rtcp.xrReports} XR</caption>
<thead><tr><td></td>${columns.map((head) => html`<th scope="col" class="n">${head}</th>`)}</tr></thead>
<tbody>${rows.map(([what, ...cells]) => html`<tr><th scope="row">${what}</th>${cells.slice(0, columns.length).map((cell) => html`<td class="n">${cell}</td>`)}</tr>`)}</tbody></table>
${placeOfLoss(stream)}`;
}

function rowsOf(stream: ReportStream): Row[] {
  const { rtcp, jitterRfcMs, lostRatio, playout, quality, roundTripMs } = stream;
  const metrics = rtcp.endpoint?.voipMetrics ?? null;
  const model = quality === null ? undefined : playout[quality.assumptions.playout];
  return [
    ['loss %', percent(lostRatio), percent(rtcp.lostRatio), percent(metrics?.lossRatio ?? null)],
    ['worst loss between reports %', '-', percent(rtcp.fractionLostMax), '-'],
    ['discard %', percent(model?.discardRatio ?? null), '-', percent(metrics?.discardRatio ?? null)],
    ['jitter (RFC 3550), last ms', fixed(jitterRfcMs.last, 2), fixed(rtcp.jitterMs, 2), '-'],
    ['jitter (RFC 3550), highest ms', fixed(jitterRfcMs.max, 2), fixed(rtcp.jitterMaxMs, 2), '-'],
    ['round trip p50 / p95 ms', roundTrip(roundTripMs), '-', fixed(metrics?.roundTripMs ?? null, 0)],
    ['round trip to sender p50 / p95 ms', roundTrip(rtcp.senderRoundTripMs), '-', '-'],
    ['R', fixed(quality?.rFactor ?? null, 1), '-', fixed(metrics?.rFactor ?? null, 0)],
    ['MOS-LQ', fixed(quality?.mosLq ?? null, 2), '-', fixed(metrics?.mosLq ?? null, 1)],
    ['MOS-CQ', fixed(quality?.mosCq ?? null, 2), '-', fixed(metrics?.mosCq ?? null, 1)],
  ];
}

function roundTrip(values: ReportStream['roundTripMs']): string {
  return values === null ? '-' : `${fixed(values.p50, 1)} / ${fixed(values.p95, 1)}`;
}

function placeOfLoss({ rtcp }: ReportStream): Html | null {
  const { lossCompared, lossBeforeProbe, lossAfterProbe, lossOnlyAtProbe, unheard } = rtcp;
  const deaf =
    unheard === null
      ? null
      : html`<p>By its reports <b>the last ${unheard.packets} packets</b>, ${fixed((unheard.durationMs ?? 0) / 1000, 0)} s, did not reach the receiver.</p>`;
  if (lossCompared === null || (lossBeforeProbe ?? 0) + (lossAfterProbe ?? 0) + (lossOnlyAtProbe ?? 0) === 0)
    return deaf;
  const capture = (lossOnlyAtProbe ?? 0) === 0 ? '' : `, ${lossOnlyAtProbe} lacking only in the capture`;
  return html`<p>Of ${lossCompared} packets compared: <b>${lossBeforeProbe ?? '-'} lost before the probe, ${lossAfterProbe ?? '-'} after it</b>${capture}.</p>${deaf}`;
}
