import { ABSENT, clock, counted, fixed, grouped, percent, scaleMark, span } from './amounts.ts';
import { assumptionsText } from './assumptions.ts';
import type { ReportCall, ReportInterval, ReportQuality, ReportStream } from './contract.ts';
import { factLines } from './facts.ts';
import { microsOf } from './iso-time.ts';
import type { TextStyle } from './paint.ts';
import { placeWords } from './place.ts';
import { sparkline } from './sparkline.ts';

/** What the records hold in place of a key that is not to be shown. */
const MASKED = 'x';

/** A line of the sparkline where the terminal does not say how wide it is. */
const SPARK_WIDTH = 64;
const SPARK_INDENT = 14;

/** All statistics of one stream, labelled. `callStartUs` is what offsets count from. */
export function* streamBlock(
  stream: ReportStream,
  callStartUs: number | null,
  heldBack: ReportCall['heldBack'],
  options: TextStyle,
): Generator<string> {
  for (const [label, text] of streamFacts(stream, callStartUs, heldBack, options))
    yield* factLines(label, text, options);
  yield* overTime(stream, options);
}

/** The same as labels and texts; a text without a label belongs to the one before. */
export function streamFacts(
  stream: ReportStream,
  callStartUs: number | null,
  heldBack: ReportCall['heldBack'],
  options: TextStyle,
): (readonly [label: string, text: string])[] {
  const facts: (readonly [string, string | null])[] = [
    ['path', pathText(stream)],
    ['place', placeWords(stream)],
    ['media', mediaText(stream)],
    ['packets', packetsText(stream)],
    ['irregular', irregularText(stream)],
    ['loss', lossText(stream)],
    ['jitter', jitterText(stream)],
    ['delay var.', delayVariationText(stream)],
    ['playout', playoutText(stream)],
    ['', whatIfText(stream)],
    ['speech', speechText(stream)],
    ['network', networkText(stream)],
    ['RTCP', rtcpText(stream)],
    ['DTMF', eventsText(stream, callStartUs, options)],
    ['score', scoreExplained(stream)],
    ['', doubtText(heldBack)],
    ['', explanationText(stream.quality)],
    ['', stream.quality === null ? null : mosText(stream.quality)],
    ['', stream.quality === null ? null : assumptionsText([stream.quality])],
  ];
  return facts.flatMap(([label, text]) => (text === null ? [] : [[label, text] as const]));
}

/** The score counts what was captured, also where nobody holds that against the call. */
function doubtText(heldBack: ReportCall['heldBack']): string | null {
  if (heldBack.length === 0) return null;
  const reasons = [...new Set(heldBack.map(({ reason }) => reason))].join(', ');
  return `in doubt: it counts ${heldBack.map(({ code }) => code).join(', ')}, which the capture may have made (${reasons})`;
}

function pathText({ src, dst, ssrc }: ReportStream): string {
  return `${endpoint(src)} > ${endpoint(dst)}, SSRC ${ssrc}`;
}

function endpoint({ ip, port }: ReportStream['src']): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function mediaText(stream: ReportStream): string {
  const { codec, payloadTypes, clockRate, clockRateMeasured, clockRateSource, ptimeMs } = stream;
  const parts = [`${codec ?? 'codec unknown'} (payload type ${payloadTypes.join(', ') || ABSENT})`];
  if (ptimeMs !== null) parts.push(`${fixed(ptimeMs, 0)} ms packets`);
  if (clockRate !== null) parts.push(`clock ${clockRate} Hz (${clockRateSource ?? 'source unknown'})`);
  if (clockRateMeasured !== null) parts.push(`timestamps really advance at ${clockRateMeasured} Hz`);
  return parts.join(', ');
}

function packetsText(stream: ReportStream): string {
  const { packets, expected, lost, lostRatio, lostRfc, octets, ipKbps, durationMs } = stream;
  const bandwidth = ipKbps === null ? '' : `, ${fixed(ipKbps, 1)} kbit/s at IP`;
  return (
    `${grouped(packets)} of ${grouped(expected)} in ${span(durationMs ?? 0)}, ${grouped(octets)} octets${bandwidth}; ` +
    `${grouped(lost)} lost (${percent(lostRatio)} %; RFC 3550 ${grouped(lostRfc)})`
  );
}

/** What happened to the sequence beside loss; null when nothing did. */
function irregularText(stream: ReportStream): string | null {
  const counts: [number, string][] = [
    [stream.duplicates, counted(stream.duplicates, 'duplicate')],
    [stream.reordered, `${grouped(stream.reordered)} reordered`],
    [stream.tooOld, `${grouped(stream.tooOld)} too old`],
    [stream.restarts, restartsText(stream)],
    [stream.timestampJumps, counted(stream.timestampJumps, 'timestamp jump')],
  ];
  const parts = counts.filter(([count]) => count > 0).map(([, text]) => text);
  if (stream.interruptions > 0) {
    parts.push(`${counted(stream.interruptions, 'interruption')}, ${span(stream.interruptedMs ?? 0)} in all`);
  }
  return parts.length === 0 ? null : parts.join(', ');
}

/** How often the numbers began anew, and when first: no chart shows it. */
function restartsText({ restarts, restartTimes }: ReportStream): string {
  const [first] = restartTimes;
  const when = first === undefined ? '' : `${restarts === 1 ? '' : ', the first'} at ${clock(first)}`;
  return `${counted(restarts, 'restart')}${when}`;
}

function lossText({ lost, burst }: ReportStream): string | null {
  if (lost === 0) return null;
  return (
    `longest run ${burst.longestLossRun}; ${counted(burst.bursts ?? 0, 'burst')} of ${fixed(burst.burstDurationMs, 0)} ms, ` +
    `${percent(burst.burstDensity)} % lost in them; gaps of ${fixed(burst.gapDurationMs, 0)} ms, ` +
    `${percent(burst.gapDensity)} % lost; burst ratio ${fixed(burst.burstR, 2)} (Gmin ${burst.gmin})`
  );
}

function jitterText({ jitterMs, jitterRfcMs, maxDeltaMs }: ReportStream): string {
  return (
    `mean ${fixed(jitterMs.mean, 2)}, ${distributionText(jitterMs)}; RFC 3550: last ${fixed(jitterRfcMs.last, 2)}, ` +
    `mean ${fixed(jitterRfcMs.mean, 2)}, max ${fixed(jitterRfcMs.max, 2)} ms; longest gap ${fixed(maxDeltaMs, 1)} ms`
  );
}

function distributionText({ p50, p95, p99, max }: ReportStream['pdvMs']): string {
  return `p50 ${fixed(p50, 2)}, p95 ${fixed(p95, 2)}, p99 ${fixed(p99, 2)}, max ${fixed(max, 2)} ms`;
}

function delayVariationText({ pdvMs, ipdvMs }: ReportStream): string {
  const between = ipdvMs.samples === 0 ? '' : `; between packets p95 ${fixed(ipdvMs.absP95, 2)} ms`;
  return `${distributionText(pdvMs)}${between}`;
}

/** What each model of a receiver's buffer did: what it lost, and what it cost in delay and invented sound. */
function playoutText({ playout }: ReportStream): string | null {
  const models = Object.entries(playout).map(([name, result]) => {
    const concealed = result.concealedMs ?? 0;
    const invented = concealed > 0 ? `, ${span(concealed)} concealed` : '';
    return `${name} ${percent(result.discardRatio)} % discarded at ${fixed(result.nominalMs, 0)} ms${invented}`;
  });
  return models.length === 0 ? null : models.join('; ');
}

/** Which depth of buffer would have served best, where another than the one assumed would have. */
function whatIfText({ whatIf, quality }: ReportStream): string | null {
  if (whatIf === null || quality === null || (whatIf.gain ?? 0) === 0) return null;
  const best = whatIf.curve.find(({ depthMs }) => depthMs === whatIf.bestDepthMs);
  if (best === undefined) return null;
  return (
    `a buffer of ${fixed(best.depthMs, 0)} ms would have discarded ${percent(best.discardRatio)} %: ` +
    `R ${fixed(best.rFactor, 1)} at ${fixed(best.delayMs, 0)} ms mouth to ear`
  );
}

function speechText({ media }: ReportStream): string | null {
  const parts: string[] = [];
  if (media.talkRatio !== null && media.talkRatio < 0.98)
    parts.push(`sent ${percent(media.talkRatio)} % of the time`);
  if (media.deadAir !== null && (media.deadAir.ratio ?? 0) > 0) {
    parts.push(
      `${percent(media.deadAir.ratio)} % digital silence, up to ${span(media.deadAir.longestMs ?? 0)} on end`,
    );
  }
  if (media.encrypted === true) parts.push('encrypted (SRTP): measured by its headers');
  if (media.redundancy.length > 0) parts.push(`redundancy: ${media.redundancy.join(', ')}`);
  return parts.length === 0 ? null : parts.join('; ');
}

function networkText({ dscp, ttl, vlans, encapsulation, skewPpm }: ReportStream): string {
  const parts = [`DSCP ${dscp.join(', ') || ABSENT}`, `TTL ${ttl.join(', ') || ABSENT}`];
  if (vlans.length > 0) parts.push(`VLAN ${vlans.join(', ')}`);
  if (encapsulation.length > 0) parts.push(`in ${[...encapsulation].reverse().join(' in ')}`);
  if (skewPpm !== null) parts.push(`clock skew ${fixed(skewPpm, 1)} ppm`);
  return parts.join('; ');
}

/** What the receiver reported, each value beside ours: what differs happened after the probe. */
function rtcpText({ rtcp, roundTripMs, lostRatio, jitterRfcMs }: ReportStream): string {
  if (rtcp.senderReports + rtcp.receiverReports + rtcp.xrReports === 0)
    return rtcp.srtcp === 0 ? 'no reports seen' : `${counted(rtcp.srtcp, 'report')}, encrypted`;
  const parts = [`${rtcp.senderReports} SR, ${rtcp.receiverReports} RR, ${rtcp.xrReports} XR`];
  if (rtcp.lostRatio !== null) {
    parts.push(`loss at the receiver ${percent(rtcp.lostRatio)} %, here ${percent(lostRatio)} %`);
  }
  if ((rtcp.lossBeforeProbe ?? 0) + (rtcp.lossAfterProbe ?? 0) + (rtcp.lossOnlyAtProbe ?? 0) > 0) {
    const { lossCompared, lossBeforeProbe, lossAfterProbe, lossOnlyAtProbe } = rtcp;
    const capture = lossOnlyAtProbe === 0 ? '' : `, ${lossOnlyAtProbe} by the capture alone`;
    parts.push(
      `of ${lossCompared} packets ${lossBeforeProbe} lost before the probe, ${lossAfterProbe} after it${capture}`,
    );
  }
  if (rtcp.unheard !== null) {
    const { packets, durationMs } = rtcp.unheard;
    parts.push(
      `the last ${counted(packets, 'packet')}, ${fixed((durationMs ?? 0) / 1000, 0)} s, did not reach the receiver`,
    );
  }
  if (rtcp.jitterMs !== null) {
    parts.push(
      `last jitter at the receiver ${fixed(rtcp.jitterMs, 2)} ms, here ${fixed(jitterRfcMs.last, 2)} ms`,
    );
  }
  if (roundTripMs !== null) {
    const { p50, p95, max } = roundTripMs;
    parts.push(
      `round trip to the receiver p50 ${fixed(p50, 1)}, p95 ${fixed(p95, 1)}, max ${fixed(max, 1)} ms`,
    );
  }
  return parts.join('; ');
}

function eventsText(stream: ReportStream, callStartUs: number | null, options: TextStyle): string | null {
  const { events } = stream;
  const first = events[0];
  if (first === undefined) return null;
  const mask = (options.unicode ?? true) ? '•' : 'x';
  const shown = events.some(({ digit }) => digit !== MASKED)
    ? events.map(({ digit }) => (digit === MASKED ? mask : digit)).join(' ')
    : mask.repeat(events.length);
  const firstUs = microsOf(first.startTime);
  const at =
    firstUs === null || callStartUs === null
      ? ''
      : `, first at +${fixed((firstUs - callStartUs) / 1e6, 3)} s`;
  return `${counted(events.length, 'event')}: ${shown}${at}`;
}

/** R as a sum, `93.2 - codec 0.0 - loss 12.3 - discard 0.0 - delay 2.1 = 78.8`, whatever scale it is on. */
export function scoreExplained({ quality, noScore }: Pick<ReportStream, 'quality' | 'noScore'>): string {
  if (quality === null) return noScore === null ? 'none: no audio' : `none: ${noScore}`;
  const { codec, loss, discard, delay } = quality.impairments;
  const withDelay = quality.rFactor !== null;
  const result = quality.rFactor ?? quality.rFactorLq;
  if (result === null) return 'none';
  const taken = (codec ?? 0) + (loss ?? 0) + (discard ?? 0) + (withDelay ? (delay ?? 0) : 0);
  const terms = `codec ${fixed(codec, 1)} - loss ${fixed(loss, 1)} - discard ${fixed(discard, 1)}`;
  const delayTerm = withDelay ? ` - delay ${fixed(delay, 1)}` : '';
  const remark = withDelay ? '' : ' (delay unknown, left out)';
  return `R${scaleMark(quality.scale)} ${fixed(result + taken, 1)} - ${terms}${delayTerm} = ${fixed(result, 1)}${remark}`;
}

/** What it lost most by, and how much of the time was bad. */
function explanationText(quality: ReportQuality | null): string | null {
  if (quality === null) return null;
  const { badTimeRatio, badR, explanation } = quality;
  const bad =
    badTimeRatio === null || badTimeRatio === 0
      ? ''
      : `; R under ${fixed(badR, 0)} for ${percent(badTimeRatio)} % of the time`;
  return `${explanation.text}${bad}`;
}

function mosText({ mosLq, mosCq, rFactorLq, codecRow, flags, assumptions }: ReportQuality): string {
  const remarks = flags.length === 0 ? '' : `; ${flags.join(', ')}`;
  return (
    `MOS-LQ ${fixed(mosLq, 2)} (R ${fixed(rFactorLq, 1)}), MOS-CQ ${fixed(mosCq, 2)}; ` +
    `codec row ${codecRow}; burst ratio fed ${fixed(assumptions.burstR, 2)}${remarks}`
  );
}

function* overTime(stream: ReportStream, options: TextStyle): Generator<string> {
  const columns = options.columns ?? 0;
  const width = columns === 0 ? SPARK_WIDTH : Math.max(8, Math.min(SPARK_WIDTH, columns - SPARK_INDENT));
  const spark = sparkline(stream.intervals, stream.quality?.scale ?? null, width, options.unicode ?? true);
  if (spark === null) return;
  yield* factLines('over time', spark.line.trimEnd(), { ...options, columns: 0 });
  const each = stream.intervals[0]?.durationMs ?? null;
  const step =
    each === null
      ? ''
      : `; ${span(each * spark.intervalsEach)} each${spark.intervalsEach > 1 ? ', the worst of them' : ''}`;
  yield* factLines('', `${spark.legend}${step}`, options);
  const worst = worstInterval(stream);
  if (worst !== null) yield* factLines('worst', worst, options);
}

/** The interval the model names as the worst, or the one with most loss where there is no score. */
function worstInterval({ quality, intervals }: ReportStream): string | null {
  const named = quality?.worst ?? null;
  if (named !== null) {
    const interval = intervals.find(({ startTime }) => startTime === named.startTime);
    const score = `R ${fixed(named.rFactor, 1)}, MOS ${fixed(named.mosLq, 2)}`;
    return `${clock(named.startTime)} UTC: ${score}${interval === undefined ? '' : `, ${intervalText(interval)}`}`;
  }
  let worst: ReportInterval | null = null;
  for (const interval of intervals) if (interval.lost > (worst?.lost ?? 0)) worst = interval;
  return worst === null ? null : `${clock(worst.startTime)} UTC: ${intervalText(worst)}`;
}

function intervalText({ lost, discarded, expected, jitterMs, durationMs }: ReportInterval): string {
  const late = discarded === 0 ? '' : `, ${discarded} discarded`;
  return `${lost} of ${expected} lost${late} in ${span(durationMs ?? 0)}, jitter ${fixed(jitterMs, 1)} ms`;
}
