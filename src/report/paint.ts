/** Colours for a terminal. They only underline what words say already: without them nothing is lost. */
export interface Paint {
  bold(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  green(text: string): string;
  dim(text: string): string;
}

export type Tone = keyof Paint;

/** Text as it is, for files, pipes and NO_COLOR. */
export const PLAIN: Paint = {
  bold: (text) => text,
  red: (text) => text,
  yellow: (text) => text,
  green: (text) => text,
  dim: (text) => text,
};

/** Text with ANSI colours. The caller decides whether the reader is a terminal that wants them. */
export const COLOURED: Paint = {
  bold: (text) => `\x1b[1m${text}\x1b[22m`,
  red: (text) => `\x1b[31m${text}\x1b[39m`,
  yellow: (text) => `\x1b[33m${text}\x1b[39m`,
  green: (text) => `\x1b[32m${text}\x1b[39m`,
  dim: (text) => `\x1b[2m${text}\x1b[22m`,
};

/** How a text report is laid out. */
export interface TextStyle {
  /** Width of the terminal; 0 or absent when there is none, and then nothing is cut or wrapped. */
  columns?: number;
  /** Colours; none if absent. */
  paint?: Paint;
  /** False for terminals that show ASCII only. */
  unicode?: boolean;
}
