import { FINDING_CODES } from './finding-codes.ts';
import type { FindingWords } from './finding-words.ts';

/** The text of `docs/findings.md`: every finding code, what it says and what it brings along. */
export function findingsPage(): string {
  const sections = Object.entries(FINDING_CODES).map(([code, words]) => section(code, words));
  return `# Findings

Made from \`src/records/finding-codes.ts\` by \`npm run docs\`; do not edit.

A finding says what is wrong, in which direction and since when, and carries the measurements that made it fire. Streams
with fewer than 250 expected packets (5 s of 20 ms audio) raise none: that little says nothing.

${sections.join('\n')}`;
}

function section(code: string, { meaning, evidence, usually, check, owner }: FindingWords): string {
  const more = [
    usually === undefined ? null : `Usually: ${usually}.`,
    check === undefined ? null : `Check first: ${check}.`,
    owner === undefined ? null : `Usually owned by: ${owner}.`,
    `Evidence: ${evidence}.`,
  ].filter((line) => line !== null);
  return `## ${code}\n\n${meaning}\n\n${more.map((line) => `- ${line}`).join('\n')}\n`;
}
