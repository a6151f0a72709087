import type { PacketSocket } from './packet-socket.ts';

/**
 * Sockets of this process that share what comes in from an interface, by flow in both directions. The kernel numbers the
 * group, so that it is nobody else's.
 */
export class FanoutGroup {
  /** The group's number, by the index of the interface: one that was made anew has another. */
  readonly #numbers = new Map<number, number>();

  /** @throws {LiveCaptureError} when the kernel refuses */
  join(socket: PacketSocket, index: number): void {
    this.#numbers.set(index, socket.joinFanout(this.#numbers.get(index) ?? null));
  }
}
