// Writes the documentation that is made from code: docs/findings.md. A test checks that it is up to date.
import { writeFileSync } from 'node:fs';
import { findingsPage } from '../dist/records/findings-page.js';

writeFileSync(new URL('../docs/findings.md', import.meta.url), findingsPage());
