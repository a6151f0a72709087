import { jsonText } from '../report/wire-text.ts';

/** An object as JSON with a line for each top-level key, and for each element of a top-level array. */
export function* jsonByKey(value: object): Generator<string> {
  yield '{';
  let separator = '\n';
  for (const [key, member] of Object.entries(value)) {
    yield `${separator}  ${jsonText(key)}: `;
    separator = ',\n';
    if (!Array.isArray(member) || member.length === 0) {
      yield jsonText(member);
      continue;
    }
    yield '[';
    for (const [at, element] of member.entries())
      yield `${at === 0 ? '' : ','}\n    ${jsonText(element as unknown)}`;
    yield '\n  ]';
  }
  yield '\n}\n';
}
