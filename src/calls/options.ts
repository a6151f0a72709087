import { DEFAULT_THRESHOLDS, type Thresholds } from './findings/thresholds.ts';
import { DEFAULT_MARKING, type MarkingPolicy } from './marking.ts';

/** What may be set about the judgement of signalling. */
export interface SignallingOptions {
  thresholds: Thresholds;
  /** Users that are emergency numbers. Only those that are no extension anywhere by default. */
  emergencyNumbers: readonly string[];
  /** Patterns of `user@host` that are telephones, whatever asks them with OPTIONS: no trunks. */
  telephones: readonly string[];
  /**
   * Headers of an INVITE whose value links the calls of one conversation: the Call-ID of another leg, or a value that
   * all legs share. Lower-case names.
   */
  legHeaders: readonly string[];
  /** The next leg of a call, told by its parties and hosts, follows within this time. */
  legWindowUs: number;
  marking: MarkingPolicy;
  /** Headers of the first INVITE whose values go into the record of the call. Lower-case names. */
  keptHeaders: readonly string[];
}

export const DEFAULT_SIGNALLING: SignallingOptions = {
  thresholds: DEFAULT_THRESHOLDS,
  emergencyNumbers: ['112', '911'],
  telephones: [],
  legHeaders: [
    'x-call-id',
    'x-cid',
    'x-leg-id',
    'x-origin-call-id',
    'x-original-call-id',
    'x-correlation-id',
    'x-global-call-id',
    'cisco-guid',
    'global-session-id',
    'p-charging-vector',
  ],
  legWindowUs: 2_000_000,
  marking: DEFAULT_MARKING,
  keptHeaders: [],
};

/** What may be given instead of a default; thresholds one by one. */
export interface SignallingChanges extends Partial<Omit<SignallingOptions, 'thresholds'>> {
  thresholds?: Partial<Thresholds>;
}

/** The defaults with some of them replaced. */
export function signallingOptions(changes: SignallingChanges = {}): SignallingOptions {
  return {
    ...DEFAULT_SIGNALLING,
    ...changes,
    thresholds: { ...DEFAULT_THRESHOLDS, ...changes.thresholds },
  };
}
