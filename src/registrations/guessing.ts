import type { FindingRecord } from '../records/types.ts';
import type { Binding } from './binding.ts';
import { RefusalCounts, type Refusals } from './refusal-counts.ts';
import { guessingFromManyHosts, passwordGuessing } from './registration-findings.ts';
import type { RegistrationThresholds } from './thresholds.ts';

/** A user whom so many hosts ask for is counted over so many windows: who has many hosts has time. */
const USER_WINDOWS = 10;

/** Counts refused credentials and refused users, by the host they came from and by the user they were for. */
export class Guessing {
  /** By host; the others are the addresses of record it tried. */
  private readonly hosts: RefusalCounts;
  /** By address of record; the others are the hosts that tried it. */
  private readonly users: RefusalCounts;
  private readonly windowUs: number;

  constructor(thresholds: RegistrationThresholds) {
    const { guessingFailures, guessingHosts, guessingWindowMs } = thresholds;
    this.windowUs = guessingWindowMs * 1000;
    this.hosts = new RefusalCounts(this.windowUs, ({ failures }) => failures >= guessingFailures);
    this.users = new RefusalCounts(
      USER_WINDOWS * this.windowUs,
      ({ others }) => others.size >= guessingHosts,
    );
  }

  /**
   * A host was refused (401, 403, 404, 407).
   * @param isOwn whether this user had been registered by this host before
   */
  refused(source: string, aor: string, isOwn: boolean, timeUs: number): void {
    this.hosts.add(source, aor, isOwn, timeUs);
    this.users.add(aor, source, isOwn, timeUs);
  }

  /**
   * Is a failure of this binding part of somebody trying the door? A user's own telephone, which was registered before,
   * fails for itself, whoever else tries that door, and whatever else its host does.
   */
  explains({ aor, device, registeredUs, registeredFrom }: Binding, atUs: number): boolean {
    const { source } = device;
    if (source !== null && registeredFrom !== source) {
      if (this.isAttack(source, atUs)) return true;
    }
    return registeredUs === null && this.users.marked(aor, atUs) !== null;
  }

  /** Is a host told as somebody who tries the door? */
  isAttack(source: string, atUs: number): boolean {
    const host = this.hosts.marked(source, atUs);
    return host !== null && !isSite(host);
  }

  /** Findings not told yet about who has been at it for the window, or about all at the end. */
  *untold(nowUs: number): Generator<FindingRecord> {
    const isMeant = (host: Refusals): boolean => !isSite(host);
    for (const host of this.hosts.untold(nowUs, this.windowUs, isMeant)) yield passwordGuessing(host);
    for (const user of this.users.untold(nowUs, this.windowUs)) yield guessingFromManyHosts(user);
  }
}

/**
 * A host whose users, most of them, had registered there before is a site that lost its registrar or its credentials:
 * whoever guesses does not have them yet.
 */
function isSite({ others, own }: Refusals): boolean {
  return own.size * 2 >= others.size;
}
