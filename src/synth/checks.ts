/** A scenario that cannot be made: one line, beginning with the field at fault. */
export class ScenarioError extends Error {
  override name = 'ScenarioError';
}

/** Throws `ScenarioError` unless the value fits; `path` names it, such as `calls[0].rtcp.intervalMs`. */
export type Check = (value: unknown, path: string) => void;

/** Stops the check of a scenario with "field: reason". */
export function fail(path: string, reason: string): never {
  throw new ScenarioError(`${path}: ${reason}`);
}

export function number(min: number, max: number): Check {
  return (value, path) => {
    if (typeof value !== 'number' || !(value >= min && value <= max)) {
      fail(path, `must be a number from ${min} to ${max}, got ${JSON.stringify(value)}`);
    }
  };
}

export function integer(min: number, max: number): Check {
  return (value, path) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      fail(path, `must be a whole number from ${min} to ${max}, got ${JSON.stringify(value)}`);
    }
  };
}

export function oneOf(...allowed: string[]): Check {
  return (value, path) => {
    if (typeof value !== 'string' || !allowed.includes(value)) {
      fail(path, `must be one of ${allowed.join(', ')}, got ${JSON.stringify(value)}`);
    }
  };
}

export function matching(pattern: RegExp, what: string): Check {
  return (value, path) => {
    if (typeof value !== 'string' || !pattern.test(value))
      fail(path, `must be ${what}, got ${JSON.stringify(value)}`);
  };
}

export function list(item: Check, max = Number.POSITIVE_INFINITY): Check {
  return (value, path) => {
    if (!Array.isArray(value)) fail(path, 'must be a list');
    if (value.length > max) fail(path, `must have at most ${max} items, got ${value.length}`);
    value.forEach((element, i) => {
      item(element, `${path}[${i}]`);
    });
  };
}

export function nullable(check: Check): Check {
  return (value, path) => {
    if (value !== null) check(value, path);
  };
}

/** An object with no other fields than these. `required` names those that may not be left out. */
export function object(fields: Record<string, Check>, required: readonly string[] = []): Check {
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(path, 'must be an object');
    const prefix = path === 'scenario' ? '' : `${path}.`;
    for (const name of required) {
      if (!(name in value)) fail(`${prefix}${name}`, 'is missing');
    }
    for (const [name, element] of Object.entries(value)) {
      const check = fields[name];
      if (check === undefined) fail(`${prefix}${name}`, 'is not a known field');
      if (element !== undefined) check(element, `${prefix}${name}`);
    }
  };
}

export const boolean: Check = (value, path) => {
  if (typeof value !== 'boolean') fail(path, `must be true or false, got ${JSON.stringify(value)}`);
};
