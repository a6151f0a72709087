import { kindOf } from '../packet/address-kinds.ts';
import { networkOf } from '../packet/network.ts';
import type { FindingRecord } from '../records/types.ts';
import type { SipMessage } from '../sip/message.ts';
import type { Attempt } from './attempt.ts';
import type { Binding } from './binding.ts';
import type { BindingTable } from './binding-table.ts';
import { takenOver } from './registration-findings.ts';

const REGISTRARS_MAX = 1024;
/** A registrar that lists the asking contact alone, for users from so many places, says nothing by that. */
const PLACES_MAX = 2;

/** What a registrar's answers list. */
interface Habit {
  /** It was seen to list contacts that were not asked for: one that it leaves out is gone. */
  listsOthers: boolean;
  /** Where users registered beside a live binding that was not listed. */
  places: Set<string>;
}

/**
 * Finds users that somebody registers from elsewhere in place of a telephone that is still registered. A telephone that
 * changes networks is none, nor are several of one user: the answer to a REGISTER lists all contacts that are in force
 * (RFC 3261 10.3), and only one that leaves the earlier out is looked at.
 */
export class TakenOver {
  private readonly table: BindingTable;
  private readonly habits = new Map<string, Habit>();

  constructor(table: BindingTable) {
    this.table = table;
  }

  /**
   * A REGISTER succeeded, and its contact is about to be registered.
   * @returns the finding, where this takes over what was somebody else's
   */
  look(binding: Binding, attempt: Attempt, answer: SipMessage, timeUs: number): FindingRecord | null {
    const habit = this.habitOf(binding);
    if (habit === null || answer.contact.length === 0) return null;
    // Registrars write contacts anew (NAT): how many they list says more than which.
    if (answer.contact.length > attempt.contacts.length) {
      habit.listsOthers = true;
      return null;
    }
    const { source } = attempt;
    // Only the first time that it is registered from there, and by somebody who may be anywhere.
    if (source === null || binding.registeredFrom === source || kindOf(source) !== 'public') return null;
    const earlier = this.earlierOf(binding, attempt, timeUs);
    if (earlier === null) return null;
    if (!habit.listsOthers) {
      if (habit.places.size <= PLACES_MAX) habit.places.add(source);
      if (habit.places.size > PLACES_MAX) return null;
    }
    return takenOver(binding, source, earlier, habit.listsOthers, timeUs);
  }

  /** A live binding of the user, of another program in another network; null where the newcomer is known. */
  private earlierOf(binding: Binding, attempt: Attempt, timeUs: number): Binding | null {
    const network = networkOf(attempt.source!);
    let earlier: Binding | null = null;
    for (const other of this.table.ofAor(binding.aor)) {
      const { registeredFrom, state, expiresUs } = other;
      if (registeredFrom === null) continue;
      if (networkOf(registeredFrom) === network || isSameProgram(other, binding)) return null;
      if (state !== 'registered' || expiresUs! <= timeUs || areDevices(other, binding)) continue;
      if (earlier === null || other.refreshedUs! > earlier.refreshedUs!) earlier = other;
    }
    return earlier;
  }

  private habitOf({ registrar }: Binding): Habit | null {
    if (registrar === null) return null;
    const known = this.habits.get(registrar.ip);
    if (known !== undefined || this.habits.size >= REGISTRARS_MAX) return known ?? null;
    const habit: Habit = { listsOthers: false, places: new Set() };
    this.habits.set(registrar.ip, habit);
    return habit;
  }
}

/** By the first word: versions change. Of one that does not say what it is, nothing is known. */
function isSameProgram(a: Binding, b: Binding): boolean {
  const [one, other] = [programOf(a), programOf(b)];
  return one === null || other === null || one === other;
}

function programOf({ userAgent }: Binding): string | null {
  return userAgent === null ? null : (/^[a-z]+/i.exec(userAgent)?.[0].toLowerCase() ?? null);
}

/** Both say which device they are (RFC 5626): one, or several of one user. */
function areDevices(a: Binding, b: Binding): boolean {
  return a.device.instance !== null && b.device.instance !== null;
}
