import { FINDING_CODES } from './finding-codes.ts';

/** The text of `docs/findings.md`: every finding code, what it says and what it brings along. */
export function findingsPage(): string {
  const sections = Object.entries(FINDING_CODES).map(
    ([code, { meaning, evidence }]) => `## ${code}\n\n${meaning}\n\nEvidence: ${evidence}.\n`,
  );
  return `# Findings

Made from \`src/records/finding-codes.ts\` by \`npm run docs\`; do not edit.

A finding says what is wrong, in which direction and since when, and carries the measurements that made it fire. Streams
with fewer than 250 expected packets (5 s of 20 ms audio) raise none: that little says nothing.

${sections.join('\n')}`;
}
