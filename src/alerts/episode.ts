import type { RuleSet } from './rule.ts';

/** Starts of the past that are remembered to tell flapping. */
const STARTS_MAX = 100;

/** What is known of a series at one evaluation, as far as its alert goes by it. */
export interface Finding {
  /** The rule holds, and nothing keeps it back. */
  raised: boolean;
  /** It is not yet back to the clearing threshold. */
  beyondClear: boolean;
  /** Nothing can be said now: an alert that fires stays as it is, none begins. */
  frozen: boolean;
  /** The rule holds, but an alert must not begin now. */
  heldAtTheDoor: boolean;
}

export interface EpisodeTerms {
  forUs: number;
  clearForUs: number;
  flapping: RuleSet['flapping'];
}

/**
 * One alert's life: pending until the rule has held for long enough, firing until it was good for long enough. One that
 * keeps coming back is flapping and ends later.
 */
export class Episode {
  state: 'idle' | 'pending' | 'firing' = 'idle';
  /** Since when the rule holds; of an alert that fires, since when it did before that. */
  sinceUs = 0;
  /** When it began to fire. */
  firedUs = 0;
  /** It began so often lately that it is not worth a message each time: it ends later. */
  flapping = false;
  private goodSinceUs: number | null = null;
  private starts: number[] = [];

  /** One evaluation. Says what changed. */
  step(nowUs: number, found: Finding, terms: EpisodeTerms): 'fired' | 'resolved' | null {
    if (found.frozen) {
      if (this.state === 'pending') this.state = 'idle';
      this.goodSinceUs = null;
      return null;
    }
    if (this.state === 'firing') return this.stepFiring(nowUs, found, terms);
    if (!found.raised) {
      this.state = 'idle';
      return null;
    }
    if (this.state === 'idle') {
      this.state = 'pending';
      this.sinceUs = nowUs;
    }
    if (nowUs - this.sinceUs < terms.forUs || found.heldAtTheDoor) return null;
    this.state = 'firing';
    this.firedUs = nowUs;
    this.goodSinceUs = null;
    this.starts = [...this.starts.filter((us) => nowUs - us < terms.flapping.withinUs), nowUs].slice(
      -STARTS_MAX,
    );
    this.flapping = this.starts.length >= terms.flapping.times;
    return 'fired';
  }

  private stepFiring(
    nowUs: number,
    { beyondClear, raised }: Finding,
    terms: EpisodeTerms,
  ): 'resolved' | null {
    if (beyondClear || raised) {
      this.goodSinceUs = null;
      return null;
    }
    this.goodSinceUs ??= nowUs;
    const wait = this.flapping ? Math.max(terms.clearForUs, terms.flapping.quietUs) : terms.clearForUs;
    if (nowUs - this.goodSinceUs < wait) return null;
    this.state = 'idle';
    return 'resolved';
  }

  /** Ends it whatever is measured. */
  end(): void {
    this.state = 'idle';
    this.goodSinceUs = null;
  }

  /** Times of before mean nothing any more: waiting begins anew, what fires goes on. */
  startAnew(): void {
    if (this.state === 'pending') this.state = 'idle';
    this.goodSinceUs = null;
    this.starts = [];
  }

  save(): SavedEpisode {
    const { state, sinceUs, firedUs, flapping, goodSinceUs, starts } = this;
    return { state, sinceUs, firedUs, flapping, goodSinceUs, starts };
  }

  restore(saved: SavedEpisode): void {
    this.state = saved.state;
    this.sinceUs = saved.sinceUs;
    this.firedUs = saved.firedUs;
    this.flapping = saved.flapping;
    this.goodSinceUs = saved.goodSinceUs;
    this.starts = saved.starts.slice(-STARTS_MAX);
  }
}

/** An episode as it is written down. */
export interface SavedEpisode {
  state: Episode['state'];
  sinceUs: number;
  firedUs: number;
  flapping: boolean;
  goodSinceUs: number | null;
  starts: number[];
}
