/** What the values of a field are. A field never changes its type: servers refuse points that would. */
export type FieldType = 'integer' | 'float' | 'flag' | 'text';

/** What there is to know about a field. */
export interface FieldEntry {
  readonly type: FieldType;
  /** Of one value; empty for texts and flags. */
  readonly unit: string;
  readonly meaning: string;
}

/** What there is to know about a measurement. */
export interface MeasurementEntry {
  /** One sentence: of what there is a point. */
  readonly meaning: string;
  /** What the time of a point is. */
  readonly time: string;
  /** Their values are bounded; every point has all of them. */
  readonly tags: readonly string[];
  readonly fields: Readonly<Record<string, FieldEntry>>;
}

/** The values of fields as they come from a record; null for what is not known. */
export type FieldValues<F extends Readonly<Record<string, FieldEntry>>> = {
  readonly [K in keyof F]:
    | (F[K]['type'] extends 'text' ? string : F[K]['type'] extends 'flag' ? boolean : number)
    | null;
};

export function float<U extends string>(unit: U, meaning: string) {
  return { type: 'float', unit, meaning } as const;
}

export function integer<U extends string>(unit: U, meaning: string) {
  return { type: 'integer', unit, meaning } as const;
}

export function flag(meaning: string) {
  return { type: 'flag', unit: '', meaning } as const;
}

export function text(meaning: string) {
  return { type: 'text', unit: '', meaning } as const;
}
