import { spawn } from 'node:child_process';

/** Tells systemd how the service is (sd_notify(3)). */
export interface ServiceNotifier {
  /** Sends one message of `NAME=value` lines. */
  send(message: string): void;
  /** How often systemd expects a sign of life, ms; null where it does not. */
  readonly watchdogMs: number | null;
}

const SILENT: ServiceNotifier = { send: () => {}, watchdogMs: null };

/**
 * How systemd wants to be told, by the environment it gave: through libsystemd where koffi is installed, else by the
 * program `systemd-notify`. Does nothing where no systemd asks.
 */
export async function serviceNotifier(
  env: NodeJS.ProcessEnv,
  failed: (text: string) => void,
): Promise<ServiceNotifier> {
  if ((env.NOTIFY_SOCKET ?? '') === '') return SILENT;
  const send = (await throughLibrary()) ?? throughProgram(failed);
  return { send, watchdogMs: watchdogOf(env) };
}

function watchdogOf({ WATCHDOG_USEC, WATCHDOG_PID }: NodeJS.ProcessEnv): number | null {
  const us = Number(WATCHDOG_USEC ?? Number.NaN);
  const isOurs = WATCHDOG_PID === undefined || WATCHDOG_PID === String(process.pid);
  return isOurs && us > 0 ? us / 1000 : null;
}

interface Koffi {
  load(name: string): { func(declaration: string): (unset: number, message: string) => number };
}

async function throughLibrary(): Promise<ServiceNotifier['send'] | null> {
  // An optional dependency: its name is no literal, so that nothing looks for it before it is asked for.
  const name = 'koffi';
  try {
    const koffi = ((await import(name)) as { default: Koffi }).default;
    const notify = koffi.load('libsystemd.so.0').func('int sd_notify(int unset, const char *state)');
    return (message) => {
      notify(0, message);
    };
  } catch {
    return null;
  }
}

/** The program is another process: the unit needs `NotifyAccess=all`. */
function throughProgram(failed: (text: string) => void): ServiceNotifier['send'] {
  return (message) => {
    const child = spawn('systemd-notify', [`--pid=${process.pid}`, ...message.split('\n')], {
      stdio: 'ignore',
    });
    child.on('error', () => failed('systemd cannot be told: install koffi, or the program systemd-notify'));
  };
}
