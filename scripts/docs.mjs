// Writes the documentation that is made from code: docs/configuration.md,
// docs/findings.md, docs/influx.md, docs/metrics.md, docs/scores.md and docs/thresholds.md. Tests check that they are up to date.
import { writeFileSync } from 'node:fs';
import { configurationPage } from '../dist/config/config-page.js';
import { thresholdsPage } from '../dist/engine/thresholds.js';
import { influxPage } from '../dist/metrics/influx/influx-page.js';
import { metricsPage } from '../dist/metrics/metrics-page.js';
import { scoresPage } from '../dist/quality/scores-page.js';
import { findingsPage } from '../dist/records/findings-page.js';

writeFileSync(new URL('../docs/configuration.md', import.meta.url), configurationPage());
writeFileSync(new URL('../docs/findings.md', import.meta.url), findingsPage());
writeFileSync(new URL('../docs/influx.md', import.meta.url), influxPage());
writeFileSync(new URL('../docs/metrics.md', import.meta.url), metricsPage());
writeFileSync(new URL('../docs/scores.md', import.meta.url), scoresPage());
writeFileSync(new URL('../docs/thresholds.md', import.meta.url), thresholdsPage());
