/** What the catalogue says about one finding code. */
export interface FindingWords {
  /** When it is raised, exactly. */
  meaning: string;
  /** The measurements that come with it. */
  evidence: string;
  /** What it usually means. */
  usually?: string;
  /** The first thing to check. */
  check?: string;
  /** Who usually owns it: network, provider, PBX, device, capture. */
  owner?: string;
}
