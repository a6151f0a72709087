import { type DestinationStream, pino } from 'pino';
import { dropOldest } from '../records/oldest.ts';
import { withoutNumbers } from './redact.ts';
import type { Notice } from './thread-messages.ts';

/** What is said again and again is said so often, and how often it was meanwhile. */
const EVERY_MS = 10_000;
/** Different texts that are watched; there are not many. */
const TEXTS_MAX = 256;

export interface LogOptions {
  level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Takes lines, each with its line feed. */
  write(line: string): void;
  /** One readable line instead of JSON. */
  plain: boolean;
  /** Leaves out the numbers and names of users. */
  redactNumbers: boolean;
  nowMs?: () => number;
}

/** The log of a daemon: structured, bounded in how often it repeats itself, without what nobody must read there. */
export class Log {
  private readonly logger: pino.Logger;
  private readonly options: LogOptions;
  private readonly nowMs: () => number;
  private readonly said = new Map<string, { atMs: number; suppressed: number }>();

  constructor(options: LogOptions) {
    this.options = options;
    this.nowMs = options.nowMs ?? (() => performance.now());
    const destination: DestinationStream = {
      write: (line) => options.write(options.plain ? plainLine(line) : line),
    };
    this.logger = pino(
      {
        level: options.level,
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      destination,
    );
  }

  /** What is said from now on: this and what is worse. */
  set level(level: LogOptions['level']) {
    this.logger.level = level;
  }

  /** Writes a notice, unless the same was said a moment ago. */
  notice({ level, text, fields }: Notice): void {
    const nowMs = this.nowMs();
    const before = this.said.get(text);
    if (before !== undefined && nowMs - before.atMs < EVERY_MS) {
      before.suppressed++;
      return;
    }
    this.said.delete(text);
    if (this.said.size >= TEXTS_MAX) {
      dropOldest(this.said);
    }
    this.said.set(text, { atMs: nowMs, suppressed: 0 });
    const suppressed = before?.suppressed ?? 0;
    this.logger[level](
      { ...this.clean(fields), ...(suppressed > 0 ? { suppressed } : {}) },
      this.cleanText(text),
    );
  }

  private clean(fields: Notice['fields']): Notice['fields'] {
    if (!this.options.redactNumbers) return fields;
    const entries = Object.entries(fields);
    return Object.fromEntries(
      entries.map(([name, value]) => [name, typeof value === 'string' ? withoutNumbers(value) : value]),
    );
  }

  private cleanText(text: string): string {
    return this.options.redactNumbers ? withoutNumbers(text) : text;
  }
}

/** For people: `earshot: warn: packets were dropped ...: dropped 12`. */
function plainLine(line: string): string {
  const { level, msg, time: _, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const details = Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${value}`);
  const word = level === 'info' ? '' : `${level}: `;
  return `earshot: ${word}${msg}${details.length === 0 ? '' : ` (${details.join(', ')})`}\n`;
}
