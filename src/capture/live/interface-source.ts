import { LiveCaptureError, type LiveSource } from './live-source.ts';

/** Capture from a network interface, whichever engine does it. */
export interface InterfaceOptions {
  interface: string;
  engine: 'auto' | 'ring' | 'pcap';
  /** A filter expression in the language of tcpdump; `null` for the built-in choice of what may be voice. */
  filter: string | null;
  /** Written to the batches' `input` column. */
  input: number;
}

/**
 * Opens an interface. The engines are loaded only here: whoever reads a pipe or HEP needs no native code.
 *
 * @throws {LiveCaptureError} when capture cannot begin
 */
export async function openInterface(options: InterfaceOptions): Promise<LiveSource> {
  const { interface: name } = options;
  throw new LiveCaptureError(
    'not_supported',
    `capture from an interface is not part of this version; try "tcpdump -i ${name} -U -w - | earshot live -"`,
  );
}
