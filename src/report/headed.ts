import { PLAIN, type TextStyle } from './paint.ts';
import { wrapped } from './terminal-text.ts';

/** A bold word and a text behind it as lines, wrapped to the terminal: `A  before.pcap: 200 calls`. */
export function headed(word: string, text: string, { columns = 0, paint = PLAIN }: TextStyle): string[] {
  const lines = wrapped(`${word}  ${text}`, columns);
  return lines.map((line, at) => (at === 0 ? `${paint.bold(word)}${line.slice(word.length)}` : line));
}
