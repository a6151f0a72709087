/**
 * What a configuration may hold, as data: from one description come the reading with its exact errors, the defaults,
 * the JSON Schema for editors, the page of documentation and the TypeScript type.
 */
interface Described {
  /** One sentence for whoever edits the file. */
  doc: string;
}

export interface TextSchema<D extends string | null> extends Described {
  kind: 'text';
  default?: D;
  /** Which texts are taken, and in words what is expected. */
  form?: { pattern: RegExp; expected: string };
  /** Never shown again: `${NAME}` takes it from the environment. */
  secret?: boolean;
}

export interface NumberSchema<D extends number | null> extends Described {
  kind: 'number';
  default: D;
  min: number;
  max: number;
  whole?: boolean;
  /** As it is said in documentation and errors. */
  unit?: string;
}

/** A span of time such as `90s`, `10m` or `250ms`, in milliseconds once read. */
export interface DurationSchema<D extends number | null> extends Described {
  kind: 'duration';
  default: D;
  minMs: number;
  maxMs: number;
}

export interface FlagSchema extends Described {
  kind: 'flag';
  default: boolean;
}

export interface ChoiceSchema<V extends string> extends Described {
  kind: 'choice';
  of: readonly V[];
  default: V;
}

export interface ListSchema<S extends Schema> extends Described {
  kind: 'list';
  of: S;
  max: number;
  /** Empty unless given. */
  default?: readonly unknown[];
}

/** Keys that the user chooses, or out of a set of names. */
export interface MapSchema<S extends Schema> extends Described {
  kind: 'map';
  of: S;
  /** The keys there are; `null` for any. */
  keys: readonly string[] | null;
  /** What the keys are, in words. */
  keyDoc: string;
  max: number;
}

export interface ObjectSchema<F extends Fields> extends Described {
  kind: 'object';
  fields: F;
}

export type Fields = { readonly [name: string]: Schema };

export type Schema =
  | TextSchema<string | null>
  | NumberSchema<number | null>
  | DurationSchema<number | null>
  | FlagSchema
  | ChoiceSchema<string>
  | ListSchema<Schema & object>
  | MapSchema<Schema & object>
  | ObjectSchema<Fields>;

/** The type of what is read by a schema. A text without a default has to be given. */
export type ValueOf<S> =
  S extends ObjectSchema<infer F>
    ? { [K in keyof F]: ValueOf<F[K]> }
    : S extends ListSchema<infer I>
      ? ValueOf<I>[]
      : S extends MapSchema<infer I>
        ? Record<string, ValueOf<I>>
        : S extends ChoiceSchema<infer V>
          ? V
          : S extends FlagSchema
            ? boolean
            : S extends NumberSchema<infer D>
              ? number | (D extends null ? null : never)
              : S extends DurationSchema<infer D>
                ? number | (D extends null ? null : never)
                : S extends TextSchema<infer D>
                  ? string | (D extends null ? null : never)
                  : never;

export function object<F extends Fields>(doc: string, fields: F): ObjectSchema<F> {
  return { kind: 'object', doc, fields };
}

export function list<S extends Schema>(
  doc: string,
  of: S,
  max: number,
  first: readonly ValueOf<S>[] = [],
): ListSchema<S> {
  return { kind: 'list', doc, of, max, default: first };
}

export function map<S extends Schema>(
  doc: string,
  of: S,
  { keys, keyDoc, max }: { keys: readonly string[] | null; keyDoc: string; max: number },
): MapSchema<S> {
  return { kind: 'map', doc, of, keys, keyDoc, max };
}

export function choice<const V extends string>(
  doc: string,
  of: readonly V[],
  first: NoInfer<V>,
): ChoiceSchema<V> {
  return { kind: 'choice', doc, of, default: first };
}

export function flag(doc: string, first: boolean): FlagSchema {
  return { kind: 'flag', doc, default: first };
}

export function number<D extends number | null>(
  doc: string,
  limits: Omit<NumberSchema<D>, 'kind' | 'doc'>,
): NumberSchema<D> {
  return { kind: 'number', doc, ...limits };
}

export function duration<D extends number | null>(
  doc: string,
  limits: Omit<DurationSchema<D>, 'kind' | 'doc'>,
): DurationSchema<D> {
  return { kind: 'duration', doc, ...limits };
}

/** A text that may be left out. */
export function text<D extends string | null>(
  doc: string,
  first: D,
  rest: Pick<TextSchema<D>, 'form' | 'secret'> = {},
): TextSchema<D> {
  return { kind: 'text', doc, default: first, ...rest };
}

/** A text that has to be given. */
export function required(
  doc: string,
  rest: Pick<TextSchema<string>, 'form' | 'secret'> = {},
): TextSchema<string> {
  return { kind: 'text', doc, ...rest };
}

/** What stands where nothing was written; `undefined` for what has to be given. */
export function defaultOf(schema: Schema): unknown {
  switch (schema.kind) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.fields).map(([name, field]) => [name, defaultOf(field)]),
      );
    case 'list':
      return [...(schema.default ?? [])];
    case 'map':
      return {};
    default:
      return schema.default;
  }
}
