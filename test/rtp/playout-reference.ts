/**
 * The receiver buffers of standards section 6 read plainly: lists that are sorted, no tricks. Written from the text,
 * not from the code under test.
 */
export interface Sent {
  number: number;
  arrivalMs: number;
  mediaMs: number;
}

const FRAME_MS = 20;

/** Times come in whole microseconds: what differs by less than this does not differ. */
const SLACK_MS = 0.0004;

/** In the order of arrival, with whether a higher number came before. */
function withOrder(packets: readonly Sent[]): (Sent & { reordered: boolean; delayMs: number })[] {
  let highest = -1;
  return packets.map((packet) => {
    const reordered = packet.number < highest;
    highest = Math.max(highest, packet.number);
    return { ...packet, reordered, delayMs: packet.arrivalMs - packet.mediaMs };
  });
}

/**
 * JB1: anchored at the first packet; the third packet in a row that is late by more than `room` moves the anchor. Beyond the
 * text: so does the third in a row for which there is no room.
 */
export function playFixed(
  packets: readonly Sent[],
  depth: number,
  room: number,
): { late: number; early: number } {
  let anchor = Number.NaN;
  let far = 0;
  let full = 0;
  let late = 0;
  let early = 0;
  for (const { delayMs, reordered } of withOrder(packets)) {
    if (Number.isNaN(anchor)) anchor = delayMs;
    const behind = delayMs - anchor;
    if (behind <= depth + SLACK_MS && behind >= -room - SLACK_MS) {
      far = 0;
      full = 0;
    } else if (behind < 0) {
      far = 0;
      full = reordered ? 0 : full + 1;
      if (full < 3) early++;
      else {
        anchor = delayMs;
        full = 0;
      }
    } else {
      full = 0;
      far = behind - depth > room + SLACK_MS && !reordered ? far + 1 : 0;
      if (far < 3) late++;
      else {
        anchor = delayMs;
        far = 0;
      }
    }
  }
  return { late, early };
}

/** JB2: the newest 500 delays, sorted anew for every packet. */
export function playAdaptively(packets: readonly Sent[]): { discarded: number; nominalMs: number } {
  let history: number[] = [];
  let current = Number.NaN;
  let accepted = Number.NaN;
  let spread = 0;
  let spikes = 0;
  let changedMs = 0;
  let discarded = 0;
  let sum = 0;
  let depth = 0;
  for (const { delayMs, arrivalMs, reordered } of withOrder(packets)) {
    if (!Number.isNaN(accepted) && Math.abs(delayMs - accepted) > 2 * spread + 500) {
      spikes++;
      if (spikes < 4) {
        discarded++;
        sum += depth;
        continue;
      }
      history = [];
    }
    spikes = 0;
    if (history.length === 0) {
      current = delayMs + 40;
      changedMs = arrivalMs;
    }
    accepted = delayMs;
    const missed = delayMs > current + FRAME_MS || current - delayMs >= 500;
    history = [...history, delayMs].slice(-500);
    const sorted = [...history].sort((a, b) => a - b);
    const rank = Math.min(19, Math.floor(0.03 * sorted.length));
    const low = sorted[rank]!;
    spread = sorted[sorted.length - 1 - rank]! - low;
    const target = Math.min(low + spread + 40, low + 500);
    sum += current - low;
    let dropped = false;
    if (!reordered) {
      const since = arrivalMs - changedMs;
      const buffered = Math.max(0, current - delayMs);
      if (target > current && (since >= 40 || target - current > buffered)) {
        current += FRAME_MS;
        changedMs = arrivalMs;
      } else if (target < current - 40 && (since >= 500 || (since >= 80 && buffered === 0))) {
        current -= FRAME_MS;
        changedMs = arrivalMs;
        dropped = true;
      }
    }
    if (missed || dropped) discarded++;
    depth = current - low;
  }
  return { discarded, nominalMs: sum / packets.length };
}

/** JB3, with the least delay of the last 2 s of media taken over blocks of 250 ms counted from the first packet. */
export function playLikeNetEq(packets: readonly Sent[]): {
  late: number;
  concealedMs: number;
  nominalMs: number;
} {
  const shares = new Array<number>(100).fill(0);
  const reorderShares = new Array<number>(100).fill(0);
  let updates = 0;
  let reorderUpdates = 0;
  let target = 80;
  let reorderTarget = 0;
  let current = 80;
  let peak = 0;
  let late = 0;
  let concealedMs = 0;
  let sum = 0;
  const ordered = withOrder(packets);
  const firstMediaMs = ordered[0]!.mediaMs;
  let nextUpdateMs = firstMediaMs + 500;
  const least = new Map<number, number>();
  let newest = 0;
  for (const { delayMs, mediaMs, reordered } of ordered) {
    const block = Math.max(newest, Math.floor((mediaMs - firstMediaMs) / 250));
    newest = block;
    least.set(block, Math.min(least.get(block) ?? Number.POSITIVE_INFINITY, delayMs));
    let base = Number.POSITIVE_INFINITY;
    for (let b = block - 7; b <= block; b++) base = Math.min(base, least.get(b) ?? Number.POSITIVE_INFINITY);
    const lateness = delayMs - base;
    sum += current;
    if (reordered) {
      const keep = Math.max(0, Math.min(0.9993, 1 - 2 / (reorderUpdates + 1)));
      const bucket = Math.min(99, Math.floor((lateness + SLACK_MS) / 20));
      for (let i = 0; i < 100; i++)
        reorderShares[i] = reorderShares[i]! * keep + (i === bucket ? 1 - keep : 0);
      reorderUpdates++;
      const costs = reorderShares.map((_, i) => {
        const tail = 1 - reorderShares.slice(0, i + 1).reduce((a, b) => a + b, 0);
        return Math.max(0, 20 * i - target) + 2000 * Math.max(0, tail);
      });
      reorderTarget = 20 * (1 + costs.indexOf(Math.min(...costs)));
      if (lateness > current + FRAME_MS) late++;
      continue;
    }
    peak = Math.max(peak, lateness);
    if (mediaMs >= nextUpdateMs) {
      const keep = Math.max(0, Math.min(0.983, 1 - 2 / (updates + 1)));
      const bucket = Math.floor((peak + SLACK_MS) / 20);
      for (let i = 0; i < 100; i++) shares[i] = shares[i]! * keep + (i === bucket ? 1 - keep : 0);
      updates++;
      let tail = 1;
      const at = shares.findIndex((share) => {
        tail -= share;
        return tail <= 0.05;
      });
      target = 20 * (at + 1);
      peak = 0;
      nextUpdateMs = mediaMs + 500;
    }
    if (lateness > current) {
      concealedMs += lateness - current;
      current = lateness;
    }
    const wanted = Math.min(Math.max(target, reorderTarget), 150 * FRAME_MS);
    current += Math.max(-2, Math.min(2, wanted - current));
  }
  return { late, concealedMs, nominalMs: sum / packets.length };
}
