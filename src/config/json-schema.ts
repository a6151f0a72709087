import type { Fields, ObjectSchema, Schema } from './schema.ts';

/** The JSON Schema (draft 2020-12) of a configuration, by which editors complete and check. */
export function jsonSchema(schema: ObjectSchema<Fields>): object {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', ...bodyOf(schema) };
}

function bodyOf(schema: Schema): object {
  const described = schema.doc === '' ? {} : { description: schema.doc };
  switch (schema.kind) {
    case 'object':
      return { type: 'object', ...described, ...membersOf(schema.fields), additionalProperties: false };
    case 'list':
      return { type: 'array', ...described, items: bodyOf(schema.of), maxItems: schema.max };
    case 'map': {
      const names = schema.keys === null ? {} : { propertyNames: { enum: schema.keys } };
      const limits = { maxProperties: schema.max, additionalProperties: bodyOf(schema.of) };
      return { type: 'object', ...described, ...names, ...limits };
    }
    case 'flag':
      return { type: 'boolean', ...described, default: schema.default };
    case 'choice':
      return { enum: schema.of, ...described, default: schema.default };
    case 'number':
      return {
        ...{ type: orNull(schema.whole === true ? 'integer' : 'number', schema.default), ...described },
        ...{ minimum: schema.min, maximum: schema.max, default: schema.default },
      };
    case 'duration':
      return { type: orNull('string', null), ...described, pattern: '^\\d+(\\.\\d+)? ?(ms|s|m|h|d)$' };
    case 'text':
      return {
        ...{ type: orNull('string', schema.default ?? ''), ...described },
        ...(schema.form === undefined ? {} : { pattern: withVariables(schema.form.pattern.source) }),
      };
  }
}

function membersOf(fields: Fields): object {
  const entries = Object.entries(fields);
  const needed = entries.filter(([, field]) => field.kind === 'text' && field.default === undefined);
  return {
    properties: Object.fromEntries(entries.map(([name, field]) => [name, bodyOf(field)])),
    ...(needed.length === 0 ? {} : { required: needed.map(([name]) => name) }),
  };
}

function orNull(type: string, value: unknown): string | string[] {
  return value === null ? [type, 'null'] : type;
}

/** What comes from the environment is not known to an editor. */
function withVariables(pattern: string): string {
  return `(${pattern})|\\$\\{`;
}
