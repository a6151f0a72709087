import { FINDING_CODES, type FindingCodeEntry, type FindingOwner } from './finding-codes.ts';

/** Owners as people call them. */
export const OWNER_WORDS: Readonly<Record<FindingOwner, string>> = {
  network: 'network',
  provider: 'provider',
  pbx: 'PBX',
  device: 'device',
  user: 'user',
  capture: 'capture',
};

/** The text of `docs/findings.md`: every finding code, what it says, what to do about it and what it brings along. */
export function findingsPage(): string {
  const sections = Object.entries<FindingCodeEntry>(FINDING_CODES).map(([code, entry]) =>
    section(code, entry),
  );
  return `# Findings

Made from \`src/records/finding-codes.ts\` by \`npm run docs\`; do not edit.

A finding says what is wrong, in which direction and since when, and carries the measurements that made it fire. Streams
with fewer than 250 expected packets (5 s of 20 ms audio) raise none: that little says nothing.

${sections.join('\n')}`;
}

function section(code: string, { meaning, usually, check, owner, evidence }: FindingCodeEntry): string {
  return `## ${code}

${meaning}

- Usually: ${usually}
- Check first: ${check}
- Usually owned by: ${owner.map((name) => OWNER_WORDS[name]).join(', ')}.
- Evidence: ${evidence}.
`;
}
