import type { CaptureAccount } from '../engine/capture-account.ts';
import { type SourceAccount, trustOf } from '../engine/trust.ts';
import type { CaptureRecord, EncryptedRecord, TrustReason } from '../records/types.ts';
import type { SourceStatus } from './live-records.ts';

/** What is older says nothing about what is measured now. */
const WINDOW_MS = 300_000;
/** Whoever captures for us waits so long at most before it drops. */
const BEHIND_MS = 2000;

/** What the trust of a moment rests on. */
export interface Standing {
  atMs: number;
  account: CaptureAccount;
  sources: readonly SourceStatus[];
  /** How long measuring stood still at most, since the standing before, ms. */
  lagMs: number;
}

/** The trust of the last five minutes: a daemon must neither forget nor remember for ever that it once dropped. */
export class RecentTrust {
  private readonly standings: Standing[] = [];

  /** Judges the time up to now. */
  judge(now: Standing): CaptureRecord['trust'] {
    const { standings } = this;
    while (standings.length > 1 && now.atMs - standings[1]!.atMs >= WINDOW_MS) standings.shift();
    const first = standings[0] ?? null;
    standings.push(now);
    const account = first === null ? now.account : since(now.account, first.account);
    const { verdict, reasons } = trustOf(account, sourceAccount(now, first));
    const live = [...liveReasons(now.sources), ...this.behind(now.sources)];
    return {
      verdict: verdict === 'trusted' && live.length > 0 ? 'degraded' : verdict,
      reasons: [...reasons, ...live],
    };
  }

  private behind(sources: readonly SourceStatus[]): TrustReason[] {
    const lagMs = Math.max(...this.standings.map((each) => each.lagMs));
    const fed = sources.filter(({ engine, ended }) => engine === 'pipe' && !ended);
    if (lagMs < BEHIND_MS || fed.length === 0) return [];
    const seconds = (lagMs / 1000).toFixed(1);
    const text = `measuring stood still for ${seconds} s: whoever captures into the pipe may have dropped packets meanwhile`;
    return [{ code: 'probe_behind', text, lagMs: Math.round(lagMs) }];
  }
}

/** What the sources say about themselves, whenever it is asked. */
export function liveReasons(sources: readonly SourceStatus[]): TrustReason[] {
  const reasons: TrustReason[] = [];
  for (const { name, stamps, up, ended } of sources) {
    if (stamps === 'arrival') {
      reasons.push({
        code: 'capture_clock',
        kind: 'arrival',
        text: `${name}: packets are stamped when this process gets round to them: jitter and delay are partly its own`,
        source: name,
      });
    }
    if (up === false && !ended) {
      const text = `${name} is down: nothing can come from it`;
      reasons.push({ code: 'interface_down', text, source: name });
    }
  }
  return reasons;
}

/** Packets lost by all sources that tell; null where none does. */
export function droppedBy(sources: readonly SourceStatus[]): number | null {
  const told = sources.flatMap(({ dropped }) => (dropped === null ? [] : [dropped]));
  return told.length === 0 ? null : told.reduce((sum, dropped) => sum + dropped, 0);
}

function sourceAccount(now: Standing, first: Standing | null): SourceAccount {
  const dropped = droppedBy(now.sources);
  const before = first === null ? 0 : (droppedBy(first.sources) ?? 0);
  return { dropped: dropped === null ? null : Math.max(0, dropped - before), problems: [] };
}

/** What came to the account since an earlier one. What stands for a time by itself stays. */
function since(now: CaptureAccount, before: CaptureAccount): CaptureAccount {
  const packets = now.packets - before.packets;
  const mirrorDuplicates = now.mirrorDuplicates - before.mirrorDuplicates;
  const backwards = now.backwards - before.backwards;
  const discarded = Object.fromEntries(
    Object.entries(now.discarded).map(([reason, n]) => [reason, n - (before.discarded[reason] ?? 0)]),
  );
  return {
    ...now,
    packets,
    discarded,
    mirrorDuplicates,
    mirrorDuplicatesRatio: packets > 0 ? mirrorDuplicates / packets : 0,
    backwards,
    backwardsMaxMs: backwards > 0 ? now.backwardsMaxMs : 0,
    captureLoss: {
      streams: now.captureLoss.streams - before.captureLoss.streams,
      packets: now.captureLoss.packets - before.captureLoss.packets,
    },
    calls: now.calls - before.calls,
    oneSidedCalls: now.oneSidedCalls - before.oneSidedCalls,
    encrypted: encryptedSince(now.encrypted, before.encrypted),
  };
}

function encryptedSince(now: EncryptedRecord, before: EncryptedRecord): EncryptedRecord {
  return {
    tlsConnections: now.tlsConnections - before.tlsConnections,
    tlsDecrypted: now.tlsDecrypted - before.tlsDecrypted,
    sipTlsSuspected: now.sipTlsSuspected - before.sipTlsSuspected,
    unread: {
      noKeys: now.unread.noKeys - before.unread.noKeys,
      noHandshake: now.unread.noHandshake - before.unread.noHandshake,
      unsupported: now.unread.unsupported - before.unread.unsupported,
      failed: now.unread.failed - before.unread.failed,
    },
    tlsElsewhere: now.tlsElsewhere - before.tlsElsewhere,
  };
}
