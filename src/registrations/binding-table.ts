import type { Attempt, WantedContact } from './attempt.ts';
import { type Binding, createBinding, type DeviceIdentity } from './binding.ts';

/** Bindings followed at one time. */
export const BINDINGS_MAX = 100_000;
/** Bindings of one address of record: registrars allow a handful, and devices that change theirs leave some behind. */
const BINDINGS_PER_AOR_MAX = 64;
/** A binding that is gone is reported after so long; one that never was, sooner. */
const GONE_US = 3_600_000_000;
const NEVER_US = 600_000_000;

/** The live binding of a user at some time. */
export interface LiveBinding {
  aor: string;
  contact: string;
  registeredUs: number;
  expiresUs: number;
}

/** All bindings, by address of record and contact. */
export class BindingTable {
  /** Bindings not taken in because the table, or their address of record, was full. */
  refused = 0;
  private readonly bindings = new Map<string, Binding>();
  /** The same by address of record alone; then by key. */
  private readonly byAor = new Map<string, Map<string, Binding>>();
  /** By contact as people read it, where that is another name: a call names either. */
  private readonly byContact = new Map<string, Set<Binding>>();
  /** By where its REGISTERs come from: registrars ask devices behind NAT there (RFC 3581). */
  private readonly bySource = new Map<string, Set<Binding>>();
  /** Told of a binding that makes room for a newer one of its address of record. */
  private readonly displaced: (binding: Binding) => void;
  private created = 0;
  /** No binding expires before this. */
  private nextExpiryUs = Number.POSITIVE_INFINITY;
  private forgetUs = Number.NaN;

  constructor(displaced: (binding: Binding) => void = () => {}) {
    this.displaced = displaced;
  }

  get size(): number {
    return this.bindings.size;
  }

  /** Bindings registered now. */
  get active(): number {
    let active = 0;
    for (const { state } of this.bindings.values()) if (state === 'registered') active++;
    return active;
  }

  all(): IterableIterator<Binding> {
    return this.bindings.values();
  }

  find(aor: string, contactKey: string | null): Binding | null {
    return this.bindings.get(keyOf(aor, contactKey)) ?? null;
  }

  /** The bindings of a user. */
  ofAor(aor: string): Binding[] {
    return [...(this.byAor.get(aor)?.values() ?? [])];
  }

  /** Finds a binding or takes a new one in; null when the table is full. */
  open(aor: string, contact: WantedContact, device: DeviceIdentity, timeUs: number): Binding | null {
    const key = keyOf(aor, contact.key);
    const known = this.bindings.get(key);
    if (known !== undefined) {
      leave(this.bySource, sourceOf(known), known);
      known.device = device;
      enter(this.bySource, sourceOf(known), known);
      return known;
    }
    if (!this.makeRoom(aor)) {
      this.refused++;
      return null;
    }
    const binding = createBinding(this.created++, aor, contact.party, device, timeUs);
    this.bindings.set(key, binding);
    const own = this.byAor.get(aor);
    if (own === undefined) this.byAor.set(aor, new Map([[key, binding]]));
    else own.set(key, binding);
    enter(this.bySource, sourceOf(binding), binding);
    if (contact.party !== aor) enter(this.byContact, contact.party, binding);
    return binding;
  }

  /** One that is not registered makes room for a newer one of the same address of record: the oldest of them. */
  private makeRoom(aor: string): boolean {
    const own = this.byAor.get(aor);
    if (own === undefined || own.size < BINDINGS_PER_AOR_MAX) return this.bindings.size < BINDINGS_MAX;
    for (const [key, binding] of own) {
      if (binding.state === 'registered') continue;
      this.takeOut(key, binding);
      this.displaced(binding);
      return true;
    }
    return false;
  }

  /**
   * A binding was registered or refreshed.
   * @returns whether its device came back: it was gone, or has changed its contact
   */
  register(binding: Binding, attempt: Attempt, expiresS: number, timeUs: number): boolean {
    const wasGone =
      binding.registeredUs !== null && binding.state !== 'registered' && binding.state !== 'unknown';
    const before = wasGone ? null : this.replace(binding, attempt);
    if (binding.state !== 'registered') binding.registeredUs = timeUs;
    binding.state = 'registered';
    binding.registeredFrom = attempt.source;
    binding.refreshedUs = timeUs;
    binding.lastUs = timeUs;
    binding.expiresS = expiresS;
    binding.expiresUs = timeUs + expiresS * 1e6;
    this.nextExpiryUs = Math.min(this.nextExpiryUs, binding.expiresUs);
    if (before !== null) {
      binding.recentReturns = before.recentReturns;
      binding.returns = before.returns;
    }
    if (wasGone || before !== null) binding.returns++;
    return wasGone || before !== null;
  }

  /**
   * The binding that the same device had under another contact: one that this one takes the place of, or the newest that
   * ran out before.
   */
  private replace(binding: Binding, attempt: Attempt): Binding | null {
    if (binding.state === 'registered') return null;
    let gone: Binding | null = null;
    for (const other of this.ofAor(binding.aor)) {
      if (other === binding || (other.state !== 'registered' && other.state !== 'expired')) continue;
      if (attempt.contacts.some(({ key }) => this.find(attempt.aor, key) === other)) continue;
      if (!isSameDevice(other.device, binding.device)) continue;
      if (other.state === 'expired') {
        if (gone === null || other.expiresUs! > gone.expiresUs!) gone = other;
        continue;
      }
      other.state = 'replaced';
      return other;
    }
    return gone;
  }

  /** Did a host register this user, as far as bindings are still known? */
  wasRegisteredFrom(aor: string, source: string): boolean {
    for (const { registeredFrom } of this.byAor.get(aor)?.values() ?? [])
      if (registeredFrom === source) return true;
    return false;
  }

  /** Has the same device registered anew since a binding was last refreshed? From the same host, by the same program. */
  isSucceeded(binding: Binding): boolean {
    return this.ofAor(binding.aor).some(
      (other) =>
        other !== binding &&
        other.state === 'registered' &&
        other.registeredUs! > binding.refreshedUs! &&
        other.device.source === binding.device.source &&
        other.userAgent === binding.userAgent,
    );
  }

  /** Bindings that expired before a time and are still taken for registered. */
  expired(beforeUs: number): Binding[] {
    if (beforeUs < this.nextExpiryUs) return [];
    const found: Binding[] = [];
    this.nextExpiryUs = Number.POSITIVE_INFINITY;
    for (const binding of this.bindings.values()) {
      if (binding.state !== 'registered') continue;
      if (binding.expiresUs! <= beforeUs) found.push(binding);
      // Those that are found may be kept a little longer by who asked.
      this.nextExpiryUs = Math.min(this.nextExpiryUs, binding.expiresUs!);
    }
    return found;
  }

  /** Takes out bindings that have been gone for long. */
  forgotten(timeUs: number): Binding[] {
    // A clock that was set back must not keep all of them.
    if (timeUs < this.forgetUs && timeUs > this.forgetUs - NEVER_US) return [];
    this.forgetUs = timeUs + NEVER_US / 10;
    const found: Binding[] = [];
    for (const [key, binding] of this.bindings) {
      if (binding.state === 'registered') continue;
      if (timeUs - binding.lastUs <= (binding.registeredUs === null ? NEVER_US : GONE_US)) continue;
      this.takeOut(key, binding);
      found.push(binding);
    }
    return found;
  }

  /** Takes out a binding that was only asked for, by a REGISTER that was sent again for another contact. */
  dismiss(aor: string, contactKey: string | null): void {
    const binding = this.find(aor, contactKey);
    if (binding === null || binding.registeredUs !== null || binding.attempts > 1) return;
    this.takeOut(keyOf(aor, contactKey), binding);
  }

  /** The binding under which a user, named by address of record or contact, was registered at some time. */
  liveAt(party: string, timeUs: number): LiveBinding | null {
    const own = this.byAor.get(party)?.values() ?? [];
    return firstLive(own, timeUs) ?? firstLive(this.byContact.get(party) ?? [], timeUs);
  }

  /** Is this party (`scheme:user@host`) where a device is, or lately was, to be reached: its contact, or seen from outside? */
  isContact(party: string): boolean {
    return this.byContact.has(party) || this.bySource.has(party);
  }

  clear(): void {
    this.bindings.clear();
    this.byAor.clear();
    this.byContact.clear();
    this.bySource.clear();
  }

  private takeOut(key: string, binding: Binding): void {
    const { aor, contact } = binding;
    this.bindings.delete(key);
    const own = this.byAor.get(aor);
    own?.delete(key);
    if (own?.size === 0) this.byAor.delete(aor);
    leave(this.byContact, contact, binding);
    leave(this.bySource, sourceOf(binding), binding);
  }
}

/** By what a device calls itself (RFC 5626), where both do; else by the Call-ID that stays while it runs (RFC 3261 10.2). */
function isSameDevice(a: DeviceIdentity, b: DeviceIdentity): boolean {
  if (a.instance === null || b.instance === null) return a.callId === b.callId;
  return a.instance === b.instance && a.flow === b.flow;
}

/** The user of a contact at the host that its REGISTERs come from. */
function sourceOf({ contact, device }: Binding): string | null {
  const at = contact?.lastIndexOf('@') ?? -1;
  return at < 0 || device.source === null ? null : `${contact!.slice(0, at)}@${device.source}`;
}

function enter(bindings: Map<string, Set<Binding>>, party: string | null, binding: Binding): void {
  if (party === null) return;
  const there = bindings.get(party);
  if (there === undefined) bindings.set(party, new Set([binding]));
  else there.add(binding);
}

function leave(bindings: Map<string, Set<Binding>>, party: string | null, binding: Binding): void {
  const there = party === null ? undefined : bindings.get(party);
  if (there === undefined) return;
  there.delete(binding);
  if (there.size === 0) bindings.delete(party!);
}

function firstLive(bindings: Iterable<Binding>, timeUs: number): LiveBinding | null {
  for (const { aor, contact, registeredUs, expiresUs } of bindings) {
    if (registeredUs === null || expiresUs === null || contact === null) continue;
    if (registeredUs <= timeUs && timeUs <= expiresUs) return { aor, contact, registeredUs, expiresUs };
  }
  return null;
}

function keyOf(aor: string, contactKey: string | null): string {
  return `${aor} ${contactKey ?? ''}`;
}
