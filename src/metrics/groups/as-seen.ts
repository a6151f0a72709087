/*
 * Records may be covered before anybody takes them: pseudonyms stand for people, maybe for addresses too. Groups go by
 * what was on the wire, so a covered object carries that along under a symbol, which no JSON shows.
 */

const AS_SEEN = Symbol('as seen on the wire');

/** An object for others to read, and beside it what groups are told by. @returns `covered` */
export function withSeen<T extends object>(covered: T, seen: object): T {
  return Object.assign(covered, { [AS_SEEN]: seen });
}

/** What was on the wire, where an object was covered; else the object. */
export function asSeen<T extends object>(value: T): T {
  return (value as { [AS_SEEN]?: T })[AS_SEEN] ?? value;
}
