import type { ReportHead } from './contract.ts';
import type { RecordStore } from './record-store.ts';
import type { Others } from './search/others.ts';
import type { Question } from './search/question.ts';
import type { Selection } from './selection.ts';

/** A report to be shown: the head, the records, and which of them; all if no selection is given. */
export interface Report extends ReportHead {
  records: RecordStore;
  selection?: Selection;
  /** What was asked for, and what else was bad at that moment; absent where nobody asked. */
  search?: { question: Question | null; others: Others | null };
}
