import { Document, isMap, isPair, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { durationText } from './duration.ts';
import { defaultOf, type Fields, type ObjectSchema, type Schema } from './schema.ts';

/** How a secret is shown. */
const HIDDEN = '(not shown)';

/** A configuration as YAML, every setting with what it means. Secrets are not shown. */
export function printConfig(schema: ObjectSchema<Fields>, value: unknown): string {
  const document = new Document(written(schema, value));
  if (isMap(document.contents)) comment(document.contents, schema);
  document.commentBefore = ` ${schema.doc}`;
  return document.toString({ lineWidth: 0 });
}

/** The value as it is written in the file. */
function written(schema: Schema, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (schema.kind) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.fields).map(([name, field]) => [
          name,
          written(field, (value as Record<string, unknown>)[name]),
        ]),
      );
    case 'map':
      return Object.fromEntries(
        Object.entries(value as Record<string, unknown>).map(([name, each]) => [
          name,
          written(schema.of, each),
        ]),
      );
    case 'list':
      return (value as unknown[]).map((each) => written(schema.of, each));
    case 'duration':
      return durationText(value as number);
    case 'text':
      return schema.secret === true ? HIDDEN : value;
    default:
      return value;
  }
}

function comment(node: YAMLMap, schema: ObjectSchema<Fields>): void {
  for (const pair of node.items) {
    if (!isPair(pair) || !isScalar(pair.key)) continue;
    const field = schema.fields[String(pair.key.value)];
    if (field === undefined) continue;
    if (field.doc !== '') pair.key.commentBefore = ` ${field.doc}`;
    commentInside(pair.value as Node | null, field);
  }
}

function commentInside(node: Node | null, schema: Schema): void {
  if (schema.kind === 'object' && isMap(node)) comment(node, schema);
  if (schema.kind === 'list' && isSeq(node)) {
    // The first entry explains those like it.
    if (schema.of.kind === 'object' && isMap(node.items[0])) comment(node.items[0], schema.of);
    if (node.items.length === 0) node.flow = true;
  }
}

/** The whole configuration with nothing set, as a file to begin with. */
export function printDefaults(schema: ObjectSchema<Fields>): string {
  return printConfig(schema, defaultOf(schema));
}
