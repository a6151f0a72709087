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

/** The same configuration with its secrets replaced. */
export function withoutSecrets(schema: Schema, value: unknown): unknown {
  return mapped(schema, value, hidden);
}

/** The value as it is written in the file. */
function written(schema: Schema, value: unknown): unknown {
  return mapped(schema, value, (leaf, each) => {
    return leaf.kind === 'duration' ? durationText(each as number) : hidden(leaf, each);
  });
}

function hidden(leaf: Schema, value: unknown): unknown {
  return leaf.kind === 'text' && leaf.secret === true ? HIDDEN : value;
}

/** A value of the same shape, each single setting that is not null replaced. */
function mapped(schema: Schema, value: unknown, replace: (leaf: Schema, value: unknown) => unknown): unknown {
  if (value === null || value === undefined) return null;
  const members = value as Record<string, unknown>;
  switch (schema.kind) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.fields).map(([name, field]) => [name, mapped(field, members[name], replace)]),
      );
    case 'map':
      return Object.fromEntries(
        Object.entries(members).map(([name, each]) => [name, mapped(schema.of, each, replace)]),
      );
    case 'list':
      return (value as unknown[]).map((each) => mapped(schema.of, each, replace));
    default:
      return replace(schema, value);
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
