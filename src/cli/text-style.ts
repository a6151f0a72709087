import { COLOURED, PLAIN, type TextStyle } from '../report/paint.ts';

/**
 * Colour and width belong to terminals; NO_COLOR and CLICOLOR_FORCE have their say (no-color.org). COLUMNS says how wide
 * a pager is.
 */
export function textStyle(): TextStyle {
  const terminal = process.stdout.isTTY === true;
  const forced = (process.env.CLICOLOR_FORCE ?? '0') !== '0';
  const refused = (process.env.NO_COLOR ?? '') !== '' || process.env.TERM === 'dumb';
  return {
    columns: terminal ? process.stdout.columns : pagerColumns(process.env.COLUMNS),
    paint: (terminal || forced) && !refused ? COLOURED : PLAIN,
    unicode:
      !terminal || /utf-?8/i.test(process.env.LC_ALL || process.env.LC_CTYPE || process.env.LANG || 'utf8'),
  };
}

function pagerColumns(text: string | undefined): number {
  const columns = /^\d{1,4}$/.test(text ?? '') ? Number(text) : 0;
  // Narrower than this is no width, but a mistake.
  return columns < 20 ? 0 : columns;
}
