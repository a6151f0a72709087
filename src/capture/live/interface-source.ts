import type { EngineWish } from './choose.ts';
import type { OpenedLive } from './open-live.ts';

/** Capture from a network interface, whichever engine does it. */
export interface InterfaceOptions {
  interface: string;
  engine: EngineWish;
  /** A filter expression in the language of tcpdump; `null` for everything. */
  filter: string | null;
  /** Written to the batches' `input` column. */
  input: number;
}

/**
 * Opens an interface. The engines are loaded only here: whoever reads a pipe or HEP needs no native code.
 *
 * @throws {LiveCaptureError} when capture cannot begin
 */
export async function openInterface(options: InterfaceOptions): Promise<OpenedLive> {
  const { interface: name, engine, filter, input } = options;
  const { openLive } = await import('./open-live.ts');
  return openLive({
    interface: name,
    engine,
    input,
    ...(filter === null ? {} : { filter: { expression: filter } }),
  });
}
