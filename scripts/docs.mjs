// Writes the documentation that is made from code: docs/findings.md, docs/scores.md. Tests check that it is up to date.
import { writeFileSync } from 'node:fs';
import { scoresPage } from '../dist/quality/scores-page.js';
import { findingsPage } from '../dist/records/findings-page.js';

writeFileSync(new URL('../docs/findings.md', import.meta.url), findingsPage());
writeFileSync(new URL('../docs/scores.md', import.meta.url), scoresPage());
