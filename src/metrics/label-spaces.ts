import { CALL_LABELS, FINDING_LABELS, ONGOING_LABELS, RESPONSE_LABELS } from './catalogue-calls.ts';
import { MEDIA_LABELS, STREAM_LABELS } from './catalogue-media.ts';
import { LABEL_SETS, LabelSpace } from './label-space.ts';

/** The budgets of labels: one each for intervals, finished streams, calls, their final responses, what is told while they are up, and findings. */
export type LabelSpaces = Readonly<
  Record<'media' | 'streams' | 'calls' | 'responses' | 'ongoing' | 'findings', LabelSpace>
>;

/** Budgets of so many label sets each, the same for whoever counts. */
export function labelSpaces(limit: number = LABEL_SETS): LabelSpaces {
  const space = (names: readonly string[], folded: readonly string[]): LabelSpace =>
    new LabelSpace({ names, folded, limit });
  return {
    media: space(MEDIA_LABELS, ['site', 'trunk', 'codec']),
    streams: space(STREAM_LABELS, ['site', 'trunk', 'codec', 'device']),
    calls: space(CALL_LABELS, ['site', 'trunk']),
    responses: space(RESPONSE_LABELS, ['site', 'trunk']),
    ongoing: space(ONGOING_LABELS, ['site', 'trunk']),
    findings: space(FINDING_LABELS, ['site', 'trunk']),
  };
}
