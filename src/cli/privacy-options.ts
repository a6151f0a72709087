import type { Command } from 'commander';
import type { Shown } from './covered-report.ts';
import { EXIT_USAGE } from './exit-codes.ts';
import { networkText } from './provider-network.ts';
import { addPseudonymOptions, type PseudonymOptions, pseudonymsOf } from './pseudonym-options.ts';

/** What of a report is not for everybody. */
export interface PrivacyOptions extends PseudonymOptions {
  provider?: string;
}

interface OtherOptions {
  showDigits?: boolean;
  verdict?: boolean;
}

/** Adds the options that keep something back. */
export function addPrivacyOptions(command: Command): Command {
  return addPseudonymOptions(command).option(
    '--provider <network>',
    'a report for the provider with these addresses: what passed between its network and the tap, and no more',
    networkText,
  );
}

/** Ends with exit status 2 where one option shows what another hides. */
export function settlePrivacy(command: Command, options: PrivacyOptions & OtherOptions): void {
  if (options.pseudonymise === undefined && options.provider === undefined) return;
  const hiding = options.provider === undefined ? '--pseudonymise' : '--provider';
  const other = options.showDigits === true ? '--show-digits' : options.verdict === true ? '--verdict' : null;
  if (other !== null)
    command.error(`error: ${hiding} and ${other} exclude each other`, { exitCode: EXIT_USAGE });
}

/** What covers a report before it is shown; null where all is shown. Loaded only where it is needed. */
export async function coverOf(options: PrivacyOptions): Promise<((shown: Shown) => Shown) | null> {
  const chosen = pseudonymsOf(options, process.env);
  const { provider } = options;
  if (chosen === null && provider === undefined) return null;
  const { coverReport } = await import('./covered-report.ts');
  const { forProvider } = await import('./provider-report.ts');
  return (shown) => {
    const cut = provider === undefined ? shown : forProvider(provider, shown);
    return chosen === null ? cut : coverReport(chosen, cut);
  };
}
