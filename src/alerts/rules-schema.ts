import {
  type ChoiceSchema,
  choice,
  duration,
  type Fields,
  flag,
  type ListSchema,
  list,
  map,
  number,
  type ObjectSchema,
  object,
  required,
  type Schema,
  text,
  type ValueOf,
} from '../config/schema.ts';
import { GROUP_LABELS } from './input.ts';
import { MEASURE_FORM } from './measure.ts';

const DAY_MS = 86_400_000;
const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const TIME_OF_DAY = {
  pattern: /^([01]\d|2[0-3]):[0-5]\d$|^24:00$/,
  expected: 'a time of day such as "08:00"',
};
const ADDRESS = {
  pattern: /^https?:\/\/[^\s]+$/,
  expected: 'an address that begins with http:// or https://',
};
const NAME = {
  pattern: /^[A-Za-z][A-Za-z0-9]{0,63}$/,
  expected: 'a name of letters and digits, such as JitterHigh',
};

const RULE = object('A rule.', {
  name: required('Its name, as alerts carry it.', { form: NAME }),
  summary: required('What it means, in one sentence that never changes.'),
  signal: required('What is watched; `earshot rules signals` lists them.'),
  measure: required('What is made of the samples of a window.', { form: MEASURE_FORM }),
  bad: number('For share and count of a value: from where on a sample is bad.', {
    ...{ default: null, min: -1e12, max: 1e12 },
  }),
  above: number('Fires above this value.', { default: null, min: -1e12, max: 1e12 }),
  below: number('Fires below this value.', { default: null, min: -1e12, max: 1e12 }),
  clear: number('Ends when it is back to this value; the same as above or below when left out.', {
    ...{ default: null, min: -1e12, max: 1e12 },
  }),
  window: duration('How much time is looked at.', { default: 300_000, minMs: 1000, maxMs: DAY_MS }),
  for: duration('Fires when it has been so for this time.', { default: 0, minMs: 0, maxMs: DAY_MS }),
  clearFor: duration('Ends when it has been good for this time.', {
    ...{ default: 120_000, minMs: 0, maxMs: DAY_MS },
  }),
  windows: object('So many of the last windows, side by side, must be bad.', {
    bad: number('So many of them.', { default: 1, min: 1, max: 12, whole: true }),
    of: number('Windows looked at.', { default: 1, min: 1, max: 12, whole: true }),
  }),
  by: list('A series for each value of these.', choice('', GROUP_LABELS, 'site'), GROUP_LABELS.length),
  where: map('Only what has these values.', required(''), {
    ...{ keys: GROUP_LABELS, keyDoc: `one of ${GROUP_LABELS.join(', ')}`, max: GROUP_LABELS.length },
  }),
  minSamples: number(
    'Fewer samples in the window say nothing. Twice what the percentile needs when left out.',
    {
      ...{ default: null, min: 0, max: 1e9, whole: true },
    },
  ),
  minCalls: number('At least so many calls are touched.', { default: 0, min: 0, max: 200, whole: true }),
  deviation: object('Fires, too, when it is far from what is usual at this hour of the week.', {
    factor: number('So many times what is usual (below: a part of it); not at all when left out.', {
      ...{ default: null, min: 0, max: 1e6 },
    }),
    weeks: number('Weeks that have to be known before.', { default: 3, min: 1, max: 8, whole: true }),
    atLeast: number('And at least this value (below: at most).', { default: null, min: -1e12, max: 1e12 }),
  }),
  severity: choice('How grave it is: critical wakes somebody.', ['critical', 'warning', 'info'], 'warning'),
  pageIf: choice(
    'When it is only information: hurt, when scores stay good; driver, when the codec alone explains the score.',
    ['always', 'hurt', 'driver'],
    'always',
  ),
  inhibitedBy: list(
    'Rules that explain this one: it is held back while one of them fires there.',
    required(''),
    20,
  ),
  hours: choice('When it may fire.', ['always', 'business', 'outside'], 'always'),
  owner: choice(
    'Who can most likely do something about it.',
    ['network', 'provider', 'pbx', 'device', 'probe', 'security'],
    'network',
  ),
  runbook: text(
    'Its page of runbooks; the name of the rule in lower case and with hyphens when left out.',
    null,
    {
      form: { pattern: /^[a-z0-9-]+(#[a-z0-9-]+)?$/, expected: 'the name of a page, such as jitter-high' },
    },
  ),
  enabled: flag('Is it in force?', true),
});

const RECEIVER = object('Where alerts are sent.', {
  url: required('Its address.', { form: ADDRESS }),
  token: text('Sent as Authorization: Bearer. Take it from the environment.', null, { secret: true }),
});

const DAY = choice('', WEEKDAYS, 'mon');
const LABEL = choice('', GROUP_LABELS, 'site');

/** A list of names out of a set. */
function names<V extends string>(doc: string, of: ChoiceSchema<V>, first: V[]): ListSchema<ChoiceSchema<V>> {
  return { kind: 'list', doc, of, max: of.of.length, default: first };
}

const BUSINESS_HOURS = object('Business hours.', {
  days: names('Days.', DAY, ['mon', 'tue', 'wed', 'thu', 'fri']),
  from: text('From this time of day on.', '08:00', { form: TIME_OF_DAY }),
  to: text('Up to this one.', '18:00', { form: TIME_OF_DAY }),
});

const FLAPPING = object('An alert that comes and goes is kept.', {
  times: number('Raised so often', { default: 3, min: 2, max: 100, whole: true }),
  within: duration('within this time,', { default: 3_600_000, minMs: 60_000, maxMs: DAY_MS }),
  quiet: duration('it ends only after it has been good for this time.', {
    ...{ default: 1_800_000, minMs: 0, maxMs: DAY_MS },
  }),
});

const LINKS = object('Links in alerts.', {
  call: text('Page of a call; {callId} stands for its Call-ID.', null),
});

const NOTIFY = object('Who is told.', {
  log: flag('A line in the log for each alert.', true),
  alertmanager: list('Alertmanagers (API v2).', RECEIVER, 8),
  webhook: list("Webhooks that take Alertmanager's body (version 4).", RECEIVER, 8),
  repeat: duration('Alerts that fire are sent again so often.', {
    ...{ default: 60_000, minMs: 5000, maxMs: 3_600_000 },
  }),
  groupBy: names('Webhooks get alerts with equal values of these together.', LABEL, ['site', 'trunk']),
  redactNumbers: flag('Leave out the numbers and names of users.', true),
});

const RULES: ListSchema<Schema> = { kind: 'list', doc: 'The rules.', of: RULE, max: 500 };

const FILE: Fields = {
  every: duration('How often rules are evaluated.', { default: 10_000, minMs: 1000, maxMs: 600_000 }),
  timeZone: text('Time zone of business hours and of the hours of the week.', 'UTC'),
  businessHours: BUSINESS_HOURS,
  flapping: FLAPPING,
  runbooks: text('Where the pages of runbooks are.', 'docs/runbooks'),
  links: LINKS,
  notify: NOTIFY,
  rules: RULES,
};

/** All that a rule file may hold. */
export const RULES_SCHEMA: ObjectSchema<Fields> = { kind: 'object', doc: 'Rules of earshot.', fields: FILE };

export type WrittenRule = ValueOf<typeof RULE>;

/** What is read by `RULES_SCHEMA`. */
export interface RuleFile {
  every: number;
  timeZone: string;
  businessHours: ValueOf<typeof BUSINESS_HOURS>;
  flapping: ValueOf<typeof FLAPPING>;
  runbooks: string;
  links: ValueOf<typeof LINKS>;
  notify: ValueOf<typeof NOTIFY>;
  rules: WrittenRule[];
}
