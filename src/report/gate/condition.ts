import { FINDING_CODES } from '../../records/finding-codes.ts';
import { SEVERITIES } from '../../records/severity.ts';
import type { PlaceKind } from '../place.ts';
import type { Suggest } from '../search/symptoms.ts';
import { isOfCalls } from './measured.ts';
import { type Measure, measureNamed, measureNames, namesWithin } from './measures.ts';

export type Comparison = '<' | '<=' | '>' | '>=' | '==' | '!=';

/** What a condition computes. */
export type Quantity =
  | { kind: 'percentile'; percent: number; measure: Measure; filters: Filters }
  | { kind: 'min' | 'max' | 'mean' | 'sum'; measure: Measure; filters: Filters }
  | { kind: 'count' | 'share'; of: Countable };

/** Which streams, intervals or calls count; of calls only their place. */
export interface Filters {
  site?: string;
  trunk?: string;
  codec?: string;
  direction?: 'callerToCallee' | 'calleeToCaller';
}

/** What can be counted: findings by code or severity, and calls by verdict or state. */
export type Countable =
  | { by: 'code' | 'severity' | 'verdict' | 'state'; value: string }
  | { by: 'all'; value: 'calls' | 'streams' | 'findings' };

/** One `--fail-if`. */
export type Condition =
  | { text: string; quantity: Quantity; comparison: Comparison; limit: number }
  | { text: string; trust: 'untrusted' | 'degraded' };

export type ParsedCondition = { ok: true; condition: Condition } | { ok: false; message: string };

class Wrong extends Error {}

const SHAPE = /^(\w+(?:\.\d+)?)\s*\(([^()]*)\)\s*(<=|>=|==|!=|<|>|=)\s*([+-]?\d+(?:\.\d+)?)\s*(%?)$/;
const FORM = 'expected such as p05(mosLq)<3.6, count(one_way_media)>0 or share(media)>5%';
const EXTREMES = ['min', 'max', 'mean', 'sum'] as const;
const FUNCTIONS = ['p01', 'p05', 'p50', 'p95', 'p99', ...EXTREMES, 'count', 'share', 'ratio'];
const DIRECTIONS = ['callerToCallee', 'calleeToCaller'] as const;
const VERDICTS = ['healthy', 'signalling', 'media', 'both', 'unknown'];
const STATES = ['answered', 'failed', 'canceled', 'ringing', 'open'];
/** Names told to somebody who wrote a part of them. */
const LIKE_MAX = 4;
const ALL = ['calls', 'streams', 'findings'] as const;

/**
 * Reads a condition: a function of a measure or of something to count, a comparison, a number. `untrusted` and
 * `degraded` stand alone and are about the capture.
 */
export function parseCondition(text: string, suggest: Suggest): ParsedCondition {
  try {
    return { ok: true, condition: conditionOf(text.trim(), suggest) };
  } catch (error) {
    if (error instanceof Wrong) return { ok: false, message: error.message };
    throw error;
  }
}

function conditionOf(text: string, suggest: Suggest): Condition {
  if (text === 'untrusted' || text === 'degraded') return { text, trust: text };
  const match = SHAPE.exec(text);
  if (match === null) throw new Wrong(`it cannot be read: ${FORM}`);
  const [, name, inside, sign, digits, percent] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const [argument = '', ...filters] = inside.split(',').map((part) => part.trim());
  if (argument === '') throw new Wrong(`there is nothing between the brackets: ${FORM}`);
  const quantity = quantityOf(name.toLowerCase(), argument, filters, suggest);
  const limit = Number(digits) / (percent === '%' ? 100 : 1);
  const comparison = (sign === '=' ? '==' : sign) as Comparison;
  checkLimit(quantity, comparison, limit, percent === '%');
  return { text, quantity, comparison, limit };
}

/** A limit in another unit than what it is held against would never be crossed, or always. */
function checkLimit(quantity: Quantity, comparison: Comparison, limit: number, isPercent: boolean): void {
  const isPart = isPartOfOne(quantity);
  if (isPercent && !isPart) {
    const what = 'measure' in quantity ? quantity.measure.name : 'a count';
    const part = 'measure' in quantity ? `${quantity.measure.name}Ratio` : 'share(...)';
    const meant = !('measure' in quantity) || measureNamed(part) !== null ? `; did you mean ${part}?` : '';
    throw new Wrong(`percent goes with shares and ratios, and ${what} is none${meant}`);
  }
  if (!isPart || ('measure' in quantity && quantity.kind === 'sum')) return;
  if (limit > 1 || (limit === 1 && comparison === '>'))
    throw new Wrong(
      `it is never above 1, which is 100 %: ${isPercent ? 'the limit lies beyond' : `write ${limit}% for percent`}`,
    );
}

function isPartOfOne(quantity: Quantity): boolean {
  if (!('measure' in quantity)) return quantity.kind === 'share';
  return /(?:ratio|density)$/i.test(quantity.measure.name);
}

function quantityOf(name: string, argument: string, filters: string[], suggest: Suggest): Quantity {
  if (name === 'count' || name === 'share' || name === 'ratio') {
    if (filters.length > 0) throw new Wrong(`${name} takes one name`);
    const kind = name === 'count' ? 'count' : 'share';
    return { kind, of: countable(argument, kind, suggest) };
  }
  const percentile = /^p(\d{1,2}(?:\.\d+)?)$/.exec(name);
  const extreme = EXTREMES.find((each) => each === name);
  if (percentile === null && extreme === undefined)
    throw new Wrong(`there is no function "${name}"${hint(name, FUNCTIONS, suggest)}; ${FORM}`);
  const measure = measureOf(argument, suggest);
  const chosen = filtersOf(filters, measure, suggest);
  if (extreme !== undefined) return { kind: extreme, measure, filters: chosen };
  const percent = Number(percentile![1]);
  if (percent <= 0) throw new Wrong('the percentile must lie between 0 and 100; the least is min(...)');
  return { kind: 'percentile', percent, measure, filters: chosen };
}

/** The kinds of groups that a condition asks for. */
export function placesAsked(condition: Condition): PlaceKind[] {
  if (!('quantity' in condition) || !('filters' in condition.quantity)) return [];
  const { filters } = condition.quantity;
  return (['site', 'trunk'] as const).filter((kind) => filters[kind] !== undefined);
}

function measureOf(name: string, suggest: Suggest): Measure {
  const measure = measureNamed(name);
  if (measure !== null) return measure;
  const within = namesWithin(name);
  if (within.length > 0) throw new Wrong(`"${name}" is several: ${within.join(', ')}`);
  throw new Wrong(`there is no measure "${name}"${hint(name, measureNames(), suggest)}`);
}

function countable(name: string, kind: 'count' | 'share', suggest: Suggest): Countable {
  if (Object.hasOwn(FINDING_CODES, name)) {
    if (kind === 'share' && !isOfCalls(name))
      throw new Wrong(`${name} is found in no call: its share is always 0; did you mean count(${name})?`);
    return { by: 'code', value: name };
  }
  if ((SEVERITIES as readonly string[]).includes(name)) return { by: 'severity', value: name };
  if (VERDICTS.includes(name)) return { by: 'verdict', value: name };
  if (STATES.includes(name)) return { by: 'state', value: name };
  const all = ALL.find((each) => each === name);
  if (all !== undefined && kind === 'count') return { by: 'all', value: all };
  const names = [...Object.keys(FINDING_CODES), ...SEVERITIES, ...VERDICTS, ...STATES, ...ALL];
  throw new Wrong(
    `there is no finding code, severity, verdict or state "${name}"${hint(name, names, suggest)}`,
  );
}

function filtersOf(texts: readonly string[], { kind }: Measure, suggest: Suggest): Filters {
  const filters: Filters = {};
  for (const text of texts) {
    const [name = '', value = ''] = text.split('=').map((part) => part.trim());
    if ((name === 'site' || name === 'trunk') && value !== '') {
      filters[name] = value;
      continue;
    }
    if (kind === 'calls') throw new Wrong('measures of calls take no filter but site=... and trunk=...');
    if (name === 'codec' && value !== '') filters.codec = value;
    else if (name === 'direction') {
      const direction = DIRECTIONS.find((each) => each === value);
      if (direction === undefined)
        throw new Wrong(`direction is ${DIRECTIONS.join(' or ')}${hint(value, DIRECTIONS, suggest)}`);
      filters.direction = direction;
    } else throw new Wrong(`"${text}": expected codec=..., direction=..., site=... or trunk=...`);
  }
  return filters;
}

function hint(written: string, names: readonly string[], suggest: Suggest): string {
  const meant = suggest(written, names);
  const like = names.filter((name) => name.includes(written));
  const near = meant === null ? like : [meant];
  if (near.length === 0) return '';
  return `; did you mean ${near.slice(0, LIKE_MAX).join(', ')}?`;
}
