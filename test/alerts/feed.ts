import type { Alert, AlertChange } from '../../src/alerts/alert.ts';
import { Evaluator } from '../../src/alerts/evaluator.ts';
import type { AlertInput, Labels, StatusInput } from '../../src/alerts/input.ts';
import { readRules } from '../../src/alerts/read-rules.ts';
import type { RuleSet } from '../../src/alerts/rule.ts';

/** 2026-03-02 is a Monday. */
export const MONDAY_US = Date.UTC(2026, 2, 2) * 1000;
export const SECOND_US = 1_000_000;
export const MINUTE_US = 60 * SECOND_US;
export const HOUR_US = 60 * MINUTE_US;

/** Reads rules that must be valid. */
export function rules(yaml: string): RuleSet {
  const read = readRules(yaml, {});
  if (!read.ok) throw new Error(read.problems.map(({ path, text }) => `${path}: ${text}`).join('\n'));
  return read.set;
}

/** What is wrong with rules: `line:column path: text`. */
export function problems(yaml: string): string[] {
  const read = readRules(yaml, {});
  if (read.ok) return [];
  return read.problems.map(({ line, column, path, text }) => `${line}:${column} ${path}: ${text}`);
}

type Interval = Extract<AlertInput, { type: 'interval' }>;

/** An interval of a healthy call, but for what is given. */
export function interval(changes: Partial<Interval> = {}): Interval {
  return {
    type: 'interval',
    streamId: 's1',
    callId: 'call-1@example.com',
    direction: 'callerToCallee',
    src: { ip: '192.0.2.1', port: 4000 },
    dst: { ip: '198.51.100.1', port: 4000 },
    codec: 'PCMU',
    startTime: null,
    durationMs: 5000,
    packets: 250,
    expected: 250,
    lost: 0,
    discarded: 0,
    jitterMs: 2,
    pdvP50Ms: 2,
    pdvP95Ms: 5,
    pdvP99Ms: 8,
    ipdvP95Ms: 4,
    rFactor: 93,
    mosLq: 4.4,
    impairments: { codec: 0, loss: 0, discard: 0, delay: 0 },
    ...changes,
  };
}

/** An interval that everybody hears. */
export function badInterval(changes: Partial<Interval> = {}): Interval {
  const impairments = { codec: 0, loss: 30, discard: 6, delay: 1 };
  return interval({
    jitterMs: 60,
    lost: 25,
    discarded: 10,
    rFactor: 55,
    mosLq: 2.8,
    impairments,
    ...changes,
  });
}

export function status(changes: Partial<StatusInput> = {}): { type: 'status' } & StatusInput {
  return {
    type: 'status',
    time: null,
    packets: 1000,
    dropped: 0,
    calls: 3,
    streams: 6,
    registrations: 10,
    lagMs: { measuring: 1, serving: 1 },
    records: { told: {}, dropped: {} },
    restarts: 0,
    sources: [{ name: 'eth0', up: true, ended: false }],
    trust: { verdict: 'trusted', reasons: [] },
    ...changes,
  };
}

export function finding(code: string, callId: string | null = 'call-1@example.com'): AlertInput {
  return {
    type: 'finding',
    code,
    severity: 'warning',
    callId,
    streamId: null,
    direction: null,
    startTime: null,
    endTime: null,
    text: code,
    evidence: {},
    party: null,
  };
}

type Call = Extract<AlertInput, { type: 'call' }>;

/** A call that was answered and is over, but for what is given. */
export function call(changes: Partial<Call> = {}): Call {
  const callId = changes.callId ?? 'call-1@example.com';
  return {
    type: 'call',
    id: 'c1',
    callId,
    from: 'sip:+4930111111@example.com',
    to: 'sip:+4930222222@example.com',
    startTime: null,
    answerTime: null,
    endTime: '2026-03-02T00:00:00.000000Z',
    durationMs: 60_000,
    state: 'answered',
    finalCode: 200,
    releasedBy: 'caller',
    setup: {
      postDialDelayMs: 900,
      answerDelayMs: 4000,
      mediaDelayMs: { callerToCallee: 20, calleeToCaller: 30 },
    },
    roundTripMs: null,
    streams: [],
    findings: [],
    verdict: 'healthy',
    signalling: { emergency: null, ringMs: 3000, tries: 1, requests: 3, retransmissions: 0 },
    ...changes,
  } as Call;
}

/** An evaluator with a clock that the test moves; it remembers what changed. */
export class Feed {
  readonly evaluator: Evaluator;
  readonly changes: AlertChange[] = [];
  nowUs: number;

  constructor(set: RuleSet, options: { startUs?: number; labels?: (record: AlertInput) => Labels } = {}) {
    this.nowUs = options.startUs ?? MONDAY_US;
    this.evaluator = new Evaluator(set, options.labels === undefined ? {} : { labeller: options.labels });
    this.evaluator.advance(this.nowUs);
  }

  /** Goes on in steps of ten seconds, each with the records that `make` has for it. */
  run(forUs: number, make: (step: number, nowUs: number) => readonly AlertInput[]): AlertChange[] {
    const first = this.changes.length;
    const endUs = this.nowUs + forUs;
    for (let step = 0; this.nowUs < endUs; step++) {
      for (const record of make(step, this.nowUs)) this.evaluator.observe(record);
      this.nowUs += 10 * SECOND_US;
      this.changes.push(...this.evaluator.advance(this.nowUs));
    }
    return this.changes.slice(first);
  }

  /** `rule change` in order. */
  get story(): string[] {
    return this.changes.map(({ change, alert }) => `${alert.rule} ${change}`);
  }

  get active(): Alert[] {
    return this.evaluator.active();
  }
}
