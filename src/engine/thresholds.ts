import { DEFAULT_THRESHOLDS, type Thresholds } from '../calls/findings/thresholds.ts';

export { DEFAULT_THRESHOLDS, type Thresholds };

/** The text of `docs/thresholds.md`: what every detector goes by, and how to change it. */
export function thresholdsPage(): string {
  const rows = Object.entries(DEFAULT_THRESHOLDS).map(
    ([name, value]) => `| \`${name}\` | ${value} | ${unitOf(name)} |`,
  );
  return `# Thresholds

Made from \`src/calls/findings/thresholds.ts\` by \`npm run docs\`; do not edit. What each is for is said there, and which
finding goes by it in [findings.md](findings.md).

\`earshot replay --threshold name=value\` sets one; the option may be repeated.

| name | default | unit |
|---|---|---|
${rows.join('\n')}
`;
}

/** Names end in their unit. */
function unitOf(name: string): string {
  const units: readonly (readonly [RegExp, string])[] = [
    [/Ms$/, 'ms'],
    [/Ppm$/, 'ppm'],
    [/Ratio$/, 'ratio'],
    [/(Streams|Calls)$/, 'number'],
  ];
  return units.find(([ending]) => ending.test(name))?.[1] ?? 'number';
}
