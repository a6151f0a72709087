import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearest } from '../../../src/config/nearest.ts';
import { type Condition, parseCondition } from '../../../src/report/gate/condition.ts';
import { measureNamed, measureNames } from '../../../src/report/gate/measures.ts';

function parsed(text: string): Condition {
  const result = parseCondition(text, nearest);
  if (!result.ok) throw new Error(result.message);
  return result.condition;
}

describe('parseCondition', () => {
  it('reads percentiles of measures by their names', () => {
    expect(parsed(' p05( mosLq ) < 3.6 ')).toMatchObject({
      text: 'p05( mosLq ) < 3.6',
      quantity: { kind: 'percentile', percent: 5, measure: { name: 'streams.quality.mosLq' }, filters: {} },
      comparison: '<',
      limit: 3.6,
    });
    expect(parsed('p99.9(intervals.jitterMs)>=30')).toMatchObject({
      quantity: { percent: 99.9, measure: { kind: 'intervals', path: ['jitterMs'] } },
      comparison: '>=',
    });
    expect(parsed('mean(setup.postDialDelayMs)>2000')).toMatchObject({
      quantity: { kind: 'mean', measure: { kind: 'calls' } },
    });
    expect(parsed('max(lostRatio)>1.5%')).toMatchObject({ limit: 0.015 });
    expect(parsed('min(skewPpm)<-200')).toMatchObject({ limit: -200 });
    expect(parsed('share(healthy)<100%')).toMatchObject({ limit: 1 });
    expect(parsed('share(failed)>=1')).toMatchObject({ limit: 1 });
    expect(parsed('sum(lostRatio)>3')).toMatchObject({ limit: 3 });
  });

  it('reads counts, shares, equality and the trust of the capture', () => {
    expect(parsed('count(one_way_media)>0')).toMatchObject({
      quantity: { kind: 'count', of: { by: 'code', value: 'one_way_media' } },
    });
    expect(parsed('share(media)>5%')).toMatchObject({
      quantity: { kind: 'share', of: { by: 'verdict', value: 'media' } },
      limit: 0.05,
    });
    expect(parsed('ratio(failed)=0')).toMatchObject({ quantity: { kind: 'share' }, comparison: '==' });
    expect(parsed('count(critical)!=0')).toMatchObject({ quantity: { of: { by: 'severity' } } });
    expect(parsed('count(calls)<1')).toMatchObject({ quantity: { of: { by: 'all', value: 'calls' } } });
    expect(parsed('untrusted')).toEqual({ text: 'untrusted', trust: 'untrusted' });
  });

  it('reads which streams are meant', () => {
    expect(parsed('p95(jitterMs.p95, codec=PCMA, direction=callerToCallee)>30')).toMatchObject({
      quantity: { filters: { codec: 'PCMA', direction: 'callerToCallee' } },
    });
  });

  it.each([
    ['p05(mosLqq)<3', 'did you mean mosLq?'],
    ['p05(jitterMs)<3', 'is several: jitterMs.mean, jitterMs.p50'],
    ['p05(codec)<3', 'no measure "codec"'],
    ['p05(mosLq<3', 'cannot be read'],
    ['p05(mosLq)<3x', 'cannot be read'],
    ['p05()<3', 'nothing between'],
    ['p00(mosLq)<3', 'between 0 and 100'],
    ['p100(mosLq)<3', 'no function "p100"'],
    ['median(mosLq)<3', 'no function "median"'],
    ['count(one_way)>0', 'did you mean one_way_media'],
    ['share(calls)>0', 'no finding code'],
    ['share(registration_failed)>5%', 'did you mean count(registration_failed)?'],
    ['share(capture_drops)>0', 'is found in no call'],
    ['count(one_way_media, codec=PCMU)>0', 'takes one name'],
    ['p05(durationMs, kodek=PCMU)>0', 'expected codec='],
    ['p05(mosLq, direction=callerTocallee)>0', 'did you mean callerToCallee?'],
    ['p05(calls.durationMs, codec=PCMU)>0', 'take no filter'],
    ['share(media)>5', 'write 5% for percent'],
    ['share(media)>1', 'write 1% for percent'],
    ['max(lostRatio)>101%', 'the limit lies beyond'],
    ['p95(intervals.jitterMs)>3%', 'percent goes with shares and ratios'],
    ['p50(lost)>3%', 'did you mean streams.lostRatio?'],
    ['count(one_way_media)>5%', 'did you mean share(...)?'],
    ['', 'cannot be read'],
  ])('refuses %j', (text, why) => {
    const result = parseCondition(text, nearest);
    expect(result.ok ? '' : result.message).toContain(why);
  });

  it('takes any text without failing', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        for (const text of [a, `p05(${a})<${b}`, `count(${a})>1`])
          expect(typeof parseCondition(text, nearest).ok).toBe('boolean');
      }),
    );
  });
});

describe('measures', () => {
  it('have one meaning each, the longest name included', () => {
    for (const name of measureNames()) {
      const measure = measureNamed(name)!;
      expect(measureNamed(measure.name)).toEqual(measure);
    }
    expect(measureNamed('durationMs')?.kind).toBe('streams');
    expect(measureNamed('rFactor')?.name).toBe('streams.quality.rFactor');
  });
});
