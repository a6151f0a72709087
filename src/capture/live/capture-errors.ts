import { interfaceNames } from './interface-list.ts';
import { type LiveCaptureCode, LiveCaptureError } from './live-source.ts';

const EPERM = 1;
const ENXIO = 6;
const ENOMEM = 12;
const EACCES = 13;
const ENODEV = 19;
const EAFNOSUPPORT = 97;
const ENOBUFS = 105;

/** The way to give the right to capture, as one line. */
export const PERMISSION_REMEDY =
  'run it as a service with AmbientCapabilities=CAP_NET_RAW, with ' +
  '`setpriv --inh-caps=+net_raw --ambient-caps=+net_raw`, or as root; ' +
  '`sudo setcap cap_net_raw+ep $(readlink -f $(command -v node))` gives it to everything that this node runs';

export function notPermitted(name: string, cause?: unknown): LiveCaptureError {
  return new LiveCaptureError(
    'no_permission',
    `may not capture on ${name}: it takes CAP_NET_RAW; ${PERMISSION_REMEDY}`,
    { cause },
  );
}

export function noSuchInterface(name: string): LiveCaptureError {
  const names = interfaceNames();
  const others = names.length > 0 ? `there are: ${names.join(', ')}` : 'none can be seen from here';
  return new LiveCaptureError('no_such_interface', `there is no interface ${name}; ${others}`);
}

/**
 * What a system call that failed means for capturing.
 *
 * @param step what was tried, such as `map the ring`
 * @param errno number of the error (Linux)
 */
export function systemFailure(name: string, step: string, errno: number): LiveCaptureError {
  const cause = Object.assign(new Error(`${step}: errno ${errno}`), { errno });
  switch (errno) {
    case EPERM:
    case EACCES:
      return notPermitted(name, cause);
    case ENODEV:
    case ENXIO:
      return noSuchInterface(name);
    case EAFNOSUPPORT:
      return refused(
        'not_supported',
        'this kernel has no packet sockets (AF_PACKET): use --engine pcap or pipe',
      );
    case ENOMEM:
    case ENOBUFS:
      return refused('failed', `cannot ${step} for ${name}: not enough memory; configure a smaller ring`);
    default:
      return refused('failed', `cannot ${step} for ${name}: errno ${errno} of the operating system`);
  }

  function refused(code: LiveCaptureCode, message: string): LiveCaptureError {
    return new LiveCaptureError(code, message, { cause });
  }
}
