import { describe, expect, test } from 'vitest';
import { Log, type LogOptions } from '../../src/live/log.ts';

function logging(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  let nowMs = 0;
  const log = new Log({
    level: 'info',
    plain: false,
    redactNumbers: false,
    write: (line) => lines.push(line),
    nowMs: () => nowMs,
    ...options,
  });
  return { log, lines, wait: (ms: number) => (nowMs += ms) };
}

describe('the log', () => {
  test('is one JSON object per line, with a word for the level and the time', () => {
    const { log, lines } = logging();
    log.notice({ level: 'warn', text: 'packets were dropped', fields: { dropped: 3, source: 'eth0' } });
    expect(lines).toHaveLength(1);
    expect(lines[0]!.endsWith('\n')).toBe(true);
    expect(JSON.parse(lines[0]!)).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      dropped: 3,
      source: 'eth0',
      msg: 'packets were dropped',
    });
  });

  test('does not repeat itself at once, and says how often it could have', () => {
    const { log, lines, wait } = logging();
    for (let i = 0; i < 100; i++) {
      log.notice({ level: 'warn', text: 'dropped', fields: { dropped: i } });
      wait(99);
    }
    log.notice({ level: 'warn', text: 'something else', fields: {} });
    wait(200);
    log.notice({ level: 'warn', text: 'dropped', fields: { dropped: 100 } });
    const said = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(said.map(({ msg, suppressed }) => [msg, suppressed])).toEqual([
      ['dropped', undefined],
      ['something else', undefined],
      ['dropped', 99],
    ]);
  });

  test('says less or more from the moment its level changes', () => {
    const { log, lines, wait } = logging({ level: 'error' });
    const drop = { level: 'warn', text: 'dropped', fields: {} } as const;
    log.notice(drop);
    wait(20_000);
    log.level = 'warn';
    log.notice(drop);
    expect(lines).toHaveLength(1);
  });

  test('leaves out numbers when asked to', () => {
    const { log, lines } = logging({ redactNumbers: true });
    const notice = { level: 'info' as const, text: 'about sip:123456@host', fields: { who: 'tel:+123456' } };
    log.notice(notice);
    expect(JSON.parse(lines[0]!)).toMatchObject({ msg: 'about sip:…456@host', who: 'tel:…456' });
  });

  test('is a readable line on a terminal, and silent below its level', () => {
    const { log, lines } = logging({ plain: true, level: 'warn' });
    log.notice({ level: 'info', text: 'measuring', fields: {} });
    log.notice({ level: 'error', text: 'a source ended', fields: { source: 'eth0', reason: null } });
    expect(lines).toEqual(['earshot: error: a source ended (source eth0)\n']);
  });
});
