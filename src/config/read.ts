import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { parseDuration } from './duration.ts';
import { nearest } from './nearest.ts';
import type { ConfigProblem } from './problem.ts';
import type { Fields, ListSchema, MapSchema, ObjectSchema, Schema, TextSchema, ValueOf } from './schema.ts';
import { defaultOf } from './schema.ts';

/** Values of environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What was read, where each value stands, and what is wrong. `value` is only to be used when nothing is. */
export interface ReadConfig<T> {
  value: T;
  problems: ConfigProblem[];
  /** Line and column of a path of the configuration, or of the nearest part around it that was written. */
  placeOf(path: string): { line: number; column: number };
}

const TEXT_MAX = 1 << 20;
/** More problems than these come of one mistake, mostly. */
const PROBLEMS_MAX = 20;
const SHOWN_MAX = 60;

/**
 * Reads a configuration in YAML by a schema. Everything wrong with it is told at once, each with line, column, value
 * and what was expected.
 */
export function readConfig<F extends Fields>(
  source: string,
  schema: ObjectSchema<F>,
  environment: Environment,
): ReadConfig<ValueOf<ObjectSchema<F>>> {
  const reader = new Reader(source, environment);
  const value = reader.read(schema) as ValueOf<ObjectSchema<F>>;
  const problems = reader.problems.sort((a, b) => a.line - b.line || a.column - b.column);
  return { value, problems, placeOf: (path) => reader.placeOf(path) };
}

class Reader {
  readonly problems: ConfigProblem[] = [];
  private readonly source: string;
  private readonly environment: Environment;
  private readonly lines = new LineCounter();
  private readonly places = new Map<string, number>();
  private document: ReturnType<typeof parseDocument> | null = null;

  constructor(source: string, environment: Environment) {
    this.source = source;
    this.environment = environment;
  }

  read(schema: ObjectSchema<Fields>): unknown {
    const { source, lines } = this;
    if (source.length > TEXT_MAX) {
      this.problems.push({ line: 0, column: 0, path: '', text: `over ${TEXT_MAX} characters long` });
      return defaultOf(schema);
    }
    // Keys are compared here: the parser compares each with each, a minute for what a file may hold.
    const document = parseDocument(source, {
      ...{ lineCounter: lines, prettyErrors: false, stringKeys: true, uniqueKeys: false },
    });
    this.document = document;
    for (const { pos, message } of document.errors) this.say(pos[0], '', firstLine(message));
    if (this.problems.length > 0) return defaultOf(schema);
    return this.value(document.contents, schema, '', 0);
  }

  placeOf(path: string): { line: number; column: number } {
    for (let at = path; at !== ''; at = at.replace(/(^|\.)[^.[\]]*$|\[\d+\]$/, '')) {
      const offset = this.places.get(at);
      if (offset !== undefined) return this.position(offset);
    }
    return { line: 0, column: 0 };
  }

  private position(offset: number): { line: number; column: number } {
    const { line, col } = this.lines.linePos(offset);
    return { line, column: col };
  }

  private say(offset: number, path: string, text: string): void {
    if (this.problems.length >= PROBLEMS_MAX) return;
    this.problems.push({ ...this.position(offset), path: printable(path), text: printable(text) });
  }

  private value(node: unknown, schema: Schema, path: string, outer: number): unknown {
    const found = this.resolved(node);
    const offset = found?.range?.[0] ?? outer;
    if (found === null && isAlias(node)) this.say(offset, path, `there is no anchor &${node.source}`);
    if (path !== '') this.places.set(path, offset);
    // A key with nothing behind it is one that was not written.
    if (found === null || (isScalar(found) && found.value === null)) return this.absent(schema, path, offset);
    if (schema.kind === 'object') return this.object(found, schema, path, offset);
    if (schema.kind === 'list') return this.list(found, schema, path, offset);
    if (schema.kind === 'map') return this.map(found, schema, path, offset);
    if (!isScalar(found)) {
      this.say(offset, path, `expected ${expectationOf(schema)}, got a ${isSeq(found) ? 'list' : 'group'}`);
      return defaultOf(schema);
    }
    const taken = this.scalar(found.value, found.source ?? String(found.value), schema, path, offset);
    return taken === undefined ? defaultOf(schema) : taken;
  }

  private resolved(node: unknown): Node | null {
    if (isAlias(node)) return this.document === null ? null : (node.resolve(this.document) ?? null);
    return (node as Node | null | undefined) ?? null;
  }

  private absent(schema: Schema, path: string, offset: number): unknown {
    const value = defaultOf(schema);
    if (value === undefined)
      this.say(offset, path, `has to be given: expected ${expectationOf(schema)} (${schema.doc})`);
    else if (schema.kind === 'object') return this.object(null, schema, path, offset);
    return value;
  }

  private object(node: Node | null, schema: ObjectSchema<Fields>, path: string, offset: number): unknown {
    const pairs = node === null ? new Map<string, Pair>() : this.pairs(node, path, offset);
    const names = Object.keys(schema.fields);
    for (const [name, pair] of pairs) {
      if (this.problems.length >= PROBLEMS_MAX) break;
      if (Object.hasOwn(schema.fields, name)) continue;
      const near = nearest(name, names);
      const help =
        near === null
          ? `there are ${names.join(', ')}`
          : `did you mean ${near}? There are ${names.join(', ')}`;
      this.say((pair.key as Node).range?.[0] ?? offset, join(path, name), `no such setting; ${help}`);
    }
    return Object.fromEntries(
      Object.entries(schema.fields).map(([name, field]) => {
        const pair = pairs.get(name);
        const at = (pair?.key as Node | undefined)?.range?.[0] ?? offset;
        return [name, this.value(pair?.value ?? null, field, join(path, name), at)];
      }),
    );
  }

  private pairs(node: Node, path: string, offset: number): Map<string, Pair> {
    if (isMap(node)) {
      const pairs = new Map<string, Pair>();
      for (const pair of node.items) {
        const name = keyText(pair);
        if (pairs.has(name))
          this.say((pair.key as Node).range?.[0] ?? offset, join(path, name), 'is there twice');
        pairs.set(name, pair);
      }
      return pairs;
    }
    this.say(offset, path, `expected a group of settings, got ${shown(this.sourceOf(node))}`);
    return new Map();
  }

  private list(node: Node, schema: ListSchema<Schema>, path: string, offset: number): unknown[] {
    if (!isSeq(node)) {
      this.say(offset, path, `expected a list ("- " before each entry), got ${shown(this.sourceOf(node))}`);
      return [];
    }
    if (node.items.length > schema.max) {
      this.say(offset, path, `expected at most ${schema.max} entries, got ${node.items.length}`);
      return [];
    }
    return node.items.map((item, i) => this.value(item, schema.of, `${path}[${i}]`, offset));
  }

  private map(node: Node, schema: MapSchema<Schema>, path: string, offset: number): unknown {
    const values: Record<string, unknown> = {};
    const pairs = this.pairs(node, path, offset);
    if (pairs.size > schema.max) {
      this.say(offset, path, `expected at most ${schema.max} entries, got ${pairs.size}`);
      return values;
    }
    for (const [name, pair] of pairs) {
      const at = (pair.key as Node).range?.[0] ?? offset;
      if (schema.keys !== null && !schema.keys.includes(name)) {
        const near = nearest(name, schema.keys);
        const help = near === null ? `expected ${schema.keyDoc}` : `did you mean ${near}?`;
        this.say(at, join(path, name), `no such name; ${help}`);
        continue;
      }
      Object.defineProperty(values, name, {
        ...{ value: this.value(pair.value, schema.of, join(path, name), at) },
        ...{ enumerable: true, writable: true, configurable: true },
      });
    }
    return values;
  }

  /** A value that is none of several, or `undefined` when it is not what was expected. */
  private scalar(value: unknown, source: string, schema: Schema, path: string, offset: number): unknown {
    const wrong = (): undefined => {
      const got = schema.kind === 'text' && schema.secret === true ? 'something else' : shown(source);
      const near = schema.kind === 'choice' ? nearest(source, schema.of) : null;
      const help = near === null ? '' : `; did you mean ${near}?`;
      this.say(offset, path, `expected ${expectationOf(schema)}, got ${got}${help}`);
      return undefined;
    };
    switch (schema.kind) {
      case 'flag':
        return typeof value === 'boolean' ? value : wrong();
      case 'choice':
        return schema.of.includes(source) ? source : wrong();
      case 'duration': {
        const ms = parseDuration(source);
        return ms !== null && ms >= schema.minMs && ms <= schema.maxMs ? ms : wrong();
      }
      case 'number': {
        if (typeof value !== 'number' || !(value >= schema.min && value <= schema.max)) return wrong();
        return schema.whole === true && !Number.isInteger(value) ? wrong() : value;
      }
      case 'text':
        return this.text(typeof value === 'string' ? value : source, schema, path, offset, wrong);
      default:
        return undefined;
    }
  }

  private text(
    written: string,
    { form }: TextSchema<string | null>,
    path: string,
    offset: number,
    wrong: () => undefined,
  ): string | undefined {
    let isComplete = true;
    const value = written.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
      const found = this.environment[name];
      if (found === undefined) {
        isComplete = false;
        this.say(offset, path, `the environment variable ${name} is not set`);
      }
      return found ?? '';
    });
    if (!isComplete) return undefined;
    return form === undefined || form.pattern.test(value) ? value : wrong();
  }

  private sourceOf(node: Node): string {
    const range = node.range;
    return range === null || range === undefined ? '' : this.source.slice(range[0], range[1]);
  }
}

function keyText({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]!.replace(/:$/, '');
}

function shown(source: string): string {
  const line = source.trim().split('\n', 1)[0]!;
  const text = printable(line);
  return `"${text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}...` : text}"`;
}

/** What a file holds may be meant for the terminal of whoever reads what is wrong with it. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}

/** What may be written, in words. */
export function expectationOf(schema: Schema): string {
  switch (schema.kind) {
    case 'flag':
      return 'true or false';
    case 'choice':
      return `one of ${schema.of.join(', ')}`;
    case 'number': {
      const unit = schema.unit === undefined ? '' : ` ${schema.unit}`;
      return `a ${schema.whole === true ? 'whole ' : ''}number from ${schema.min} to ${schema.max}${unit}`;
    }
    case 'duration':
      return `a time such as 10s, 5m or 1h, from ${schema.minMs} ms to ${schema.maxMs} ms`;
    case 'text':
      return schema.form?.expected ?? 'a text';
    case 'list':
      return 'a list';
    default:
      return 'a group of settings';
  }
}
