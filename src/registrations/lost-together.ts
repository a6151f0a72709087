import { networkOf } from '../packet/network.ts';
import type { FindingRecord } from '../records/types.ts';
import type { Binding } from './binding.ts';
import type { BindingTable } from './binding-table.ts';
import { lostTogether } from './registration-findings.ts';
import type { RegistrationThresholds } from './thresholds.ts';

/** Networks looked at, and users of one that are remembered by name. */
const GROUPS_MAX = 1024;
const MEMBERS_MAX = 1024;
/** Where nothing more is lost for so long, it is over. */
const FORGET_US = 3_600_000_000;

/** One lost registration. */
interface Member {
  readonly binding: Binding;
  backUs: number | null;
  /** Of its refreshes, as counted when it came back. */
  failing: Binding['failing'];
}

/** Registrations of one network at one registrar that were lost in one silence. */
export interface LostGroup {
  readonly network: string;
  readonly registrar: string;
  /** By address of record. */
  readonly members: Map<string, Member>;
  lost: number;
  /** The newest refresh of all, and the first expiry: in between all of them held, and none was refreshed any more. */
  refreshedUs: number;
  expiresUs: number;
  lastUs: number;
  sureUs: number | null;
  /** With so many lost, it may be at least half. */
  enough: number;
  isTold: boolean;
}

/** Finds registrations of one network that vanish together. */
export class LostTogether {
  private readonly groups = new Map<string, LostGroup>();
  /** Members that are not back, by address of record. */
  private readonly missed = new Map<string, Member>();
  private readonly table: BindingTable;
  private readonly fewest: number;
  private readonly waitUs: number;
  private readonly told: (finding: FindingRecord) => void;

  constructor(
    table: BindingTable,
    thresholds: RegistrationThresholds,
    told: (finding: FindingRecord) => void,
  ) {
    this.table = table;
    this.fewest = thresholds.lostTogether;
    this.waitUs = thresholds.lostTogetherWaitMs * 1000;
    this.told = told;
  }

  /** A binding ran out. */
  lost(binding: Binding, timeUs: number): void {
    const key = keyOf(binding);
    if (key === null) return;
    const refreshedUs = binding.refreshedUs!;
    const expiresUs = binding.expiresUs!;
    let group = this.groups.get(key);
    if (group !== undefined && (refreshedUs >= group.expiresUs || expiresUs <= group.refreshedUs)) {
      // It held on when others were gone, or was gone before: not one silence.
      this.close(key, group, timeUs);
      group = undefined;
    }
    if (group === undefined) {
      this.makeRoom(timeUs);
      group = createGroup(binding, this.fewest);
      this.groups.set(key, group);
    }
    group.refreshedUs = Math.max(group.refreshedUs, refreshedUs);
    group.expiresUs = Math.min(group.expiresUs, expiresUs);
    group.lastUs = timeUs;
    group.lost++;
    if (group.members.size >= MEMBERS_MAX) return;
    const member: Member = { binding, backUs: null, failing: null };
    group.members.set(binding.aor, member);
    this.missed.set(binding.aor, member);
  }

  /** A user is registered again, from wherever. */
  back(aor: string, timeUs: number): void {
    const member = this.missed.get(aor);
    if (member === undefined) return;
    this.missed.delete(aor);
    member.backUs = timeUs;
    member.failing = member.binding.failing;
  }

  /** Capture time moves on. */
  sweep(timeUs: number): void {
    for (const [key, group] of this.groups) {
      if (this.isSure(group, timeUs) && (isAllBack(group) || timeUs - group.sureUs! >= this.waitUs))
        this.tell(group, timeUs);
      const isOver = timeUs - group.lastUs > FORGET_US || (group.isTold && isAllBack(group));
      if (isOver) this.close(key, group, timeUs);
    }
  }

  /** The capture is over. */
  finish(nowUs: number): void {
    for (const [key, group] of this.groups) this.close(key, group, nowUs);
  }

  private makeRoom(timeUs: number): void {
    if (this.groups.size < GROUPS_MAX) return;
    for (const [key, group] of this.groups) {
      this.close(key, group, timeUs);
      return;
    }
  }

  private close(key: string, group: LostGroup, timeUs: number): void {
    if (this.isSure(group, timeUs)) this.tell(group, timeUs);
    this.groups.delete(key);
    for (const [aor, member] of group.members) if (this.missed.get(aor) === member) this.missed.delete(aor);
  }

  /** So many, and at least half of what was registered from there. The table is asked only when there may be enough. */
  private isSure(group: LostGroup, timeUs: number): boolean {
    if (group.sureUs !== null) return true;
    if (group.lost < group.enough) return false;
    const others = this.othersOf(group);
    group.enough = Math.ceil((group.lost + others) / 2);
    if (group.lost < others) return false;
    group.sureUs = timeUs;
    return true;
  }

  /** How many registrations of that network hold. */
  private othersOf(group: LostGroup): number {
    let others = 0;
    for (const binding of this.table.all()) {
      if (binding.state !== 'registered' || group.members.has(binding.aor)) continue;
      if (keyOf(binding) === keyOfGroup(group)) others++;
    }
    return others;
  }

  private tell(group: LostGroup, timeUs: number): void {
    if (group.isTold) return;
    group.isTold = true;
    this.told(lostTogether(group, this.othersOf(group), timeUs));
  }
}

function createGroup({ device, registrar }: Binding, enough: number): LostGroup {
  return {
    network: networkOf(device.source!),
    registrar: registrar!.ip,
    members: new Map(),
    lost: 0,
    refreshedUs: Number.NEGATIVE_INFINITY,
    expiresUs: Number.POSITIVE_INFINITY,
    lastUs: Number.NEGATIVE_INFINITY,
    sureUs: null,
    enough,
    isTold: false,
  };
}

function isAllBack({ members, lost }: LostGroup): boolean {
  if (lost > members.size) return false;
  for (const { backUs } of members.values()) if (backUs === null) return false;
  return true;
}

function keyOf({ device, registrar }: Binding): string | null {
  if (device.source === null || registrar === null) return null;
  return `${networkOf(device.source)} ${registrar.ip}`;
}

function keyOfGroup({ network, registrar }: LostGroup): string {
  return `${network} ${registrar}`;
}
