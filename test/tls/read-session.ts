/** Reads recorded TLS sessions as the engine does. */
import { nodeCrypto } from '../../src/cli/tls-crypto.ts';
import { TlsKeys } from '../../src/tls/key-log.ts';
import { TlsSession } from '../../src/tls/session.ts';
import { BYE, INVITE, OK_RESPONSE } from '../sip/examples.ts';
import type { Line, LiveSession } from './live-session.ts';

export const DIALOGUE: Line[] = [
  { fromClient: true, text: INVITE },
  { fromClient: false, text: OK_RESPONSE },
  { fromClient: true, text: `${'x'.repeat(40_000)}` },
  { fromClient: false, text: BYE },
  { fromClient: true, text: BYE },
];
export const CLIENT = DIALOGUE.filter((line) => line.fromClient)
  .map((line) => line.text)
  .join('');
export const SERVER = DIALOGUE.filter((line) => !line.fromClient)
  .map((line) => line.text)
  .join('');

export function keysOf(text: string): TlsKeys {
  const keys = new TlsKeys();
  keys.add(Buffer.from(text));
  return keys;
}

export interface Read {
  client: string;
  server: string;
  session: TlsSession;
}

/** Feeds a session; `|` marks a gap. The client is side 0 unless told otherwise. */
export function read(
  { sent, keyLog }: LiveSession,
  cut = [100_000],
  clientSide = 0,
  keys = keysOf(keyLog),
): Read {
  const out = ['', ''];
  const session = new TlsSession({ keys, crypto: nodeCrypto }, (side, bytes, gap) => {
    out[side] += `${gap ? '|' : ''}${Buffer.from(bytes).toString()}`;
  });
  let i = 0;
  for (const { fromClient, bytes } of sent) {
    const side = fromClient ? clientSide : 1 - clientSide;
    for (let at = 0; at < bytes.length; i++) {
      const size = Math.min(cut[i % cut.length]!, bytes.length - at);
      session.push(side, bytes, at, size);
      at += size;
    }
  }
  session.settle();
  return { client: out[clientSide]!, server: out[1 - clientSide]!, session };
}

/** The records of a session one by one. */
export function records({ sent }: LiveSession): { fromClient: boolean; bytes: Uint8Array }[] {
  const rest = new Map<boolean, Uint8Array>();
  return sent.flatMap(({ fromClient, bytes }) => {
    let held = Buffer.concat([rest.get(fromClient) ?? new Uint8Array(0), bytes]);
    const whole: LiveSession['sent'] = [];
    while (held.length >= 5 && held.length >= 5 + held.readUInt16BE(3)) {
      const length = 5 + held.readUInt16BE(3);
      whole.push({ fromClient, bytes: new Uint8Array(held.subarray(0, length)) });
      held = held.subarray(length);
    }
    rest.set(fromClient, new Uint8Array(held));
    return whole;
  });
}
