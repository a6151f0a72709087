/** Something in a configuration that cannot be meant. */
export interface ConfigProblem {
  /** 1-based; 0 where the file as a whole is concerned. */
  line: number;
  column: number;
  /** Where in the configuration: `interfaces[0].engine`; empty for the whole. */
  path: string;
  /** The value, what was expected, and what to write instead if that can be told. */
  text: string;
}

/** One line as compilers print it: `earshot.yaml:4:11: interfaces[0].engine: ...`. */
export function problemLine(file: string, { line, column, path, text }: ConfigProblem): string {
  const place = line === 0 ? file : `${file}:${line}:${column}`;
  return path === '' ? `${place}: ${text}` : `${place}: ${path}: ${text}`;
}

/** A configuration cannot be used. `message` holds a line for each problem. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(file: string, problems: readonly ConfigProblem[], options?: ErrorOptions) {
    super(problems.map((problem) => problemLine(file, problem)).join('\n'), options);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}
