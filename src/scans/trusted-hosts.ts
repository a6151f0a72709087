import { dropOldest } from '../records/oldest.ts';

/** Room for hosts; the one that was not served for the longest time is forgotten. */
const TRUSTED_MAX = 16_384;
/** So often at most a host is put last. */
const RENEWED_US = 60_000_000;

/** Hosts that are part of the service: they answer requests, or were served themselves. */
export class TrustedHosts {
  private readonly hosts = new Map<string, number>();

  has(ip: string): boolean {
    return this.hosts.has(ip);
  }

  /** A host answered, or was served. */
  add(ip: string, timeUs: number): void {
    const sinceUs = this.hosts.get(ip);
    if (sinceUs !== undefined && Math.abs(timeUs - sinceUs) < RENEWED_US) return;
    this.hosts.delete(ip);
    this.hosts.set(ip, timeUs);
    if (this.hosts.size > TRUSTED_MAX) dropOldest(this.hosts);
  }
}
