import { describe, expect, it } from 'vitest';
import { othersThen } from '../../../src/report/search/others.ts';
import { finding } from '../records.ts';
import { seconds, storeOf } from './store.ts';

describe('othersThen', () => {
  const records = storeOf(
    { n: 1, at: 0, code: 'burst_loss', host: '192.0.2.1' },
    { n: 2, at: 5, code: 'burst_loss', host: '192.0.2.1' },
    { n: 3, at: 10, code: 'burst_loss', host: '192.0.2.9' },
    { n: 4, at: 15, host: '192.0.2.1' },
    { n: 5, at: 12, code: 'high_delay', host: '192.0.2.9' },
    { n: 6, at: 100, code: 'burst_loss', host: '192.0.2.1' },
  );

  it('counts the calls of that time, the bad ones, and those bad in the same way', () => {
    const others = othersThen(records, [0], undefined, undefined)!;
    expect(others).toMatchObject({ calls: 4, bad: 3, codes: ['burst_loss'], sameWay: 2 });
    expect(others.spans).toEqual([seconds(0, 20)]);
  });

  it('names the address that the most of these share, and how many pass it that are well', () => {
    const others = othersThen(records, [0], undefined, undefined)!;
    expect(others.shared).toEqual({ address: '192.0.2.1', calls: 2, sameWay: 1 });
  });

  it('goes by a time and by the findings of a symptom where they are given', () => {
    const others = othersThen(records, [], [seconds(100, 101)], ['burst_loss'])!;
    expect(others).toMatchObject({ calls: 1, bad: 1, sameWay: 1, shared: null });
    expect(othersThen(records, [], [seconds(50, 60)], ['burst_loss'])).toMatchObject({ calls: 0, bad: 0 });
  });

  it('names findings about several calls that touch the time, the gravest first, and no others', () => {
    const some = storeOf({ n: 1, at: 0, code: 'media_stopped' }, { n: 2, at: 5, code: 'media_stopped' });
    const loose = { callId: null, streamId: null, direction: null };
    const at = (from: number, to: number) => ({
      startUs: seconds(from, to).fromUs,
      endUs: seconds(from, to).toUs,
    });
    some.finding(finding({ ...loose, ...at(15, 15), code: 'shared_onset', severity: 'warning' }));
    some.finding(finding({ ...loose, ...at(15, 25), code: 'state_timeout', severity: 'critical' }));
    some.finding(finding({ ...loose, ...at(50, 50), code: 'shared_onset', severity: 'warning' }));
    some.finding(finding({ ...loose, ...at(15, 15), code: 'registration_lost', severity: 'warning' }));
    some.finding(finding({ ...loose, ...at(0, 60), code: 'capture_clock', severity: 'warning' }));
    some.finding(
      finding({ ...loose, ...at(15, 15), streamId: 's9', code: 'burst_loss', severity: 'warning' }),
    );
    const { across } = othersThen(some, [0], undefined, undefined)!;
    expect(across.map(({ code }) => code)).toEqual(['state_timeout', 'shared_onset']);
  });

  it('has nothing to say without a time and without a call', () => {
    expect(othersThen(records, [], undefined, undefined)).toBeNull();
  });
});
