import type { Counter, Gauge } from 'prom-client';
import { METRICS } from './catalogue.ts';
import { labelPairs } from './label-text.ts';
import type { MetricSet } from './metric-set.ts';

/** The two formats that Prometheus asks for. */
export type Format = 'text' | 'openmetrics';

export const CONTENT_TYPE: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** Text in pieces: to join tens of megabytes takes as long as everybody else would have to wait. */
export type Pieces = readonly Buffer[];

/** Characters between two looks at the clock. */
const PIECE_CHARACTERS = 32 * 1024;
/** Writing stops for others after so long, ms. */
export const SLICE_MS = 5;

/** What writing needs of the world: a clock, and a way to let others run. */
export interface Pacing {
  nowMs(): number;
  pause(): Promise<void>;
}

/** The format that an `Accept` header asks for: OpenMetrics where it is named and not refused, else text. */
export function formatFor(accept: string | undefined): Format {
  for (const part of (accept ?? '').slice(0, 1024).split(',')) {
    const [type = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase());
    if (type !== 'application/openmetrics-text') continue;
    const version = parameters.find((each) => each.startsWith('version='))?.slice('version='.length);
    const refused = parameters.some((each) => /^q=0(?:\.0*)?$/.test(each));
    if (!refused && (version === undefined || version === '1.0.0' || version === '0.0.1'))
      return 'openmetrics';
  }
  return 'text';
}

/** All metrics as text, written a few milliseconds at a time. A label set is always consistent in itself. */
export async function exposition(set: MetricSet, format: Format, pacing: Pacing): Promise<Pieces> {
  const pieces: Buffer[] = [];
  let text = '';
  let sliceMs = pacing.nowMs();
  for await (const part of parts(set, format)) {
    text += part;
    if (text.length < PIECE_CHARACTERS) continue;
    pieces.push(Buffer.from(text, 'utf8'));
    text = '';
    if (pacing.nowMs() - sliceMs < SLICE_MS) continue;
    await pacing.pause();
    sliceMs = pacing.nowMs();
  }
  if (format === 'openmetrics') text += '# EOF\n';
  pieces.push(Buffer.from(text, 'utf8'));
  return pieces;
}

async function* parts(set: MetricSet, format: Format): AsyncGenerator<string> {
  const isOpenMetrics = format === 'openmetrics';
  for (const [name, { type, labels }] of Object.entries(METRICS)) {
    const head = (help: string): string => {
      const [family, shown] = isOpenMetrics ? openMetricsFamily(name, type) : [name, type];
      return `# HELP ${family} ${escapedHelp(help, isOpenMetrics)}\n# TYPE ${family} ${shown}\n`;
    };
    if (type === 'histogram') {
      const histogram = set.histogram(name as Parameters<MetricSet['histogram']>[0]);
      yield head(histogram.help);
      // Several label sets are one part: to go through an asynchronous generator costs as much as a label set.
      let text = '';
      for (const lines of histogram.lines(isOpenMetrics)) {
        text += lines;
        if (text.length < PIECE_CHARACTERS) continue;
        yield text;
        text = '';
      }
      yield text;
    } else {
      const metric = set.registry.getSingleMetric(name) as Counter | Gauge;
      const { help, values } = await metric.get();
      yield head(help);
      yield* plainLines(name, labels, values);
    }
  }
}

/**
 * Name and type of a family in OpenMetrics, where a counter's family goes without `_total`. Where a gauge has that name
 * already, strict parsers refuse the whole page: such a counter is a family of unknown type under its full name.
 */
function openMetricsFamily(name: string, type: string): [family: string, type: string] {
  if (type !== 'counter') return [name, type];
  const family = name.slice(0, -'_total'.length);
  return family in METRICS ? [name, 'unknown'] : [family, type];
}

interface PlainValue {
  value: number;
  labels: Partial<Record<string, string | number>>;
}

/** The text of label sets: prom-client keeps the object, so it need not be made each time. */
const labelTexts = new WeakMap<object, string>();

function* plainLines(
  name: string,
  names: readonly string[],
  values: readonly PlainValue[],
): Generator<string> {
  let text = '';
  for (const { labels, value } of values) {
    let pairs = labelTexts.get(labels);
    if (pairs === undefined) {
      pairs = labelPairs(
        names,
        names.map((each) => String(labels[each] ?? '')),
      );
      labelTexts.set(labels, pairs);
    }
    text += pairs === '' ? `${name} ${value}\n` : `${name}{${pairs}} ${value}\n`;
    if (text.length < PIECE_CHARACTERS) continue;
    yield text;
    text = '';
  }
  yield text;
}

function escapedHelp(help: string, isOpenMetrics: boolean): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return isOpenMetrics ? escaped.replaceAll('"', '\\"') : escaped;
}
