import type { AlertInput } from './input.ts';
import type { Signal } from './signal.ts';

type Ongoing = AlertInput & { type: 'ongoing' };

function ongoing(name: string, doc: string, labels: string, is: (record: Ongoing) => boolean): Signal {
  return {
    name: `ongoing.${name}`,
    doc,
    kind: 'event',
    of: 'ongoing',
    unit: '',
    worse: 'high',
    quality: true,
    about: 'calls',
    read: (record) => (record.type === 'ongoing' && is(record) ? 1 : null),
    metric: { numerator: `earshot_ongoing_calls_unheard_total${labels}`, denominator: '' },
  };
}

/** One for each call in which somebody is not heard, told while it is up. */
export const ONGOING_SIGNALS: readonly Signal[] = [
  ongoing(
    'one_way_media',
    'calls that are up with audio one way only',
    '{code="one_way_media"}',
    ({ code }) => {
      return code === 'one_way_media';
    },
  ),
  ongoing(
    'no_media',
    'calls that are up without any audio',
    '{code="no_media"}',
    ({ code }) => code === 'no_media',
  ),
  ongoing(
    'media_stopped',
    'calls that are up, of which one direction of audio has stopped',
    '{code="media_stopped"}',
    ({ code }) => code === 'media_stopped',
  ),
  ongoing(
    'emergencyUnheard',
    'emergency calls that are up, in which one side does not hear the other',
    '{emergency="yes"}',
    ({ emergency }) => emergency,
  ),
];
