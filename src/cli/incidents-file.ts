import type { Incident } from '../alerts/tuning.ts';
import { ConfigError, type ConfigProblem } from '../config/problem.ts';
import { readConfig } from '../config/read.ts';
import { list, object, required } from '../config/schema.ts';
import { textOfFile } from './named-file.ts';

const TIME = {
  pattern: /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/,
  expected: 'a time with its zone such as 2026-03-02T09:30:00Z',
};

const INCIDENT = object('Something that happened.', {
  name: required('What it was.'),
  start: required('When it began.', { form: TIME }),
  end: required('When it was over.', { form: TIME }),
});

const SCHEMA = object('What is known to have happened.', {
  incidents: list('Incidents.', INCIDENT, 10_000),
});

/** Reads a list of incidents. Throws `ConfigError` when it cannot be read or is wrong. */
export function loadIncidents(file: string): Incident[] {
  const { value, problems, placeOf } = readConfig(textOfFile(file), SCHEMA, {});
  if (problems.length > 0) throw new ConfigError(file, problems);
  const wrong: ConfigProblem[] = [];
  const incidents = value.incidents.map(({ name, start, end }, i) => {
    const incident = { name, startUs: Date.parse(start) * 1000, endUs: Date.parse(end) * 1000 };
    if (!(incident.endUs >= incident.startUs)) {
      const path = `incidents[${i}].end`;
      wrong.push({ ...placeOf(path), path, text: `expected a time after ${start}, got "${end}"` });
    }
    return incident;
  });
  if (wrong.length > 0) throw new ConfigError(file, wrong);
  return incidents;
}
