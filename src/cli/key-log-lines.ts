/** Lines of TLS key logs by client random, to be written into a slice where that is asked for. */
export class KeyLogLines {
  private readonly lines = new Map<string, Set<string>>();

  /** Takes the text of a key log; lines that are none are left out. */
  add(text: Uint8Array): void {
    for (const line of Buffer.from(text).toString('latin1').split(/\r?\n/)) {
      const parts = /^[A-Z0-9_]{3,64} ([0-9a-fA-F]{64}) [0-9a-fA-F]{2,96}$/.exec(line);
      if (parts === null) continue;
      const random = parts[1]!.toLowerCase();
      const known = this.lines.get(random);
      if (known === undefined) this.lines.set(random, new Set([line]));
      else known.add(line);
    }
  }

  /** What is known of the connection with this client random, in lower-case hex; '' when nothing is. */
  of(random: string): string {
    const lines = this.lines.get(random);
    return lines === undefined ? '' : `${[...lines].join('\n')}\n`;
  }
}
