import { describe, expect, it } from 'vitest';
import { OFFER, parsed, requestWith } from './examples.ts';

const part = (headers: string, body: string): string => `${headers}\r\n\r\n${body}`;
const sdpPart = part('Content-Type: application/sdp', OFFER);
/** The CRLF before a boundary belongs to the boundary. */
const multipart = (boundary: string, parts: readonly string[]): string =>
  `${parts.map((one) => `--${boundary}\r\n${one}\r\n`).join('')}--${boundary}--\r\n`;
const withBody = (type: string, body: string, ...more: string[]) =>
  parsed(requestWith([`Content-Type: ${type}`, ...more], body));

describe('the session description in a body', () => {
  it('is the whole body', () => {
    expect(withBody('Application/SDP; charset=utf-8', OFFER)).toMatchObject({ sdp: OFFER, problems: [] });
  });
  it('is recognised without Content-Type', () => {
    expect(parsed(requestWith([], OFFER))).toMatchObject({ sdp: OFFER, problems: ['no_content_type'] });
    expect(parsed(requestWith([], 'v=1')).sdp).toBeNull();
  });
  it('is not taken from other bodies, nor from early-session ones', () => {
    expect(withBody('text/plain', OFFER).sdp).toBeNull();
    expect(withBody('application/sdp', OFFER, 'Content-Disposition: early-session').sdp).toBeNull();
    expect(withBody('application/sdp', OFFER, 'Content-Disposition: session;handling=required').sdp).toBe(
      OFFER,
    );
  });
  it('is not decoded when encoded', () => {
    expect(withBody('application/sdp', 'xx', 'e: gzip')).toMatchObject({
      sdp: null,
      problems: ['body_encoded'],
    });
    expect(withBody('application/sdp', OFFER, 'Content-Encoding: identity').sdp).toBe(OFFER);
  });
  it('is found beside ISUP', () => {
    const isup = part(
      'Content-Type: application/ISUP;version=itu-t92+\r\nContent-Encoding: binary',
      '\x01\0\x02--x\xff',
    );
    const body = multipart('unique-boundary-1', [isup, sdpPart]);
    expect(withBody('multipart/mixed; boundary="unique-boundary-1"', body)).toMatchObject({
      sdp: OFFER,
      problems: [],
    });
    expect(withBody('multipart/mixed;boundary=unique-boundary-1', body).sdp).toBe(OFFER);
  });
  it('is found in nested parts whose boundary begins like the outer one', () => {
    const inner = multipart('bb', [part('Content-Type: text/plain', 'x'), sdpPart]);
    const body = multipart('b', [part('Content-Type: multipart/alternative;boundary=bb', inner)]);
    expect(withBody('multipart/mixed;boundary=b', body)).toMatchObject({ sdp: OFFER, problems: [] });
  });
  it('passes over an early-session part', () => {
    const early = part(
      'Content-Type: application/sdp\r\nContent-Disposition: early-session',
      'v=0\r\ns=early\r\n',
    );
    expect(withBody('multipart/mixed;boundary=b', multipart('b', [early, sdpPart])).sdp).toBe(OFFER);
  });
  it('is found with a preamble, bare LF, and no closing boundary', () => {
    const body = `preamble\r\n${multipart('b', [sdpPart])}`;
    expect(withBody('multipart/mixed;boundary=b', body).sdp).toBe(OFFER);
    const lf = body.replaceAll('\r\n', '\n');
    expect(withBody('multipart/mixed;boundary=b', lf).sdp).toBe(OFFER.replaceAll('\r\n', '\n'));
    expect(withBody('multipart/mixed;boundary=b', `--b\r\n${sdpPart}`).sdp).toBe(OFFER);
  });
  it('reports malformed multiparts', () => {
    expect(withBody('multipart/mixed', OFFER)).toMatchObject({
      sdp: null,
      problems: ['multipart_malformed'],
    });
    expect(withBody('multipart/mixed;boundary=zz', OFFER)).toMatchObject({
      problems: ['multipart_malformed'],
    });
  });
  it('bounds depth and parts', () => {
    let body = sdpPart;
    for (let i = 0; i < 4; i++) {
      body = part(`Content-Type: multipart/mixed;boundary=d${i}`, multipart(`d${i}`, [body]));
    }
    const inner = body.slice(body.indexOf('\r\n\r\n') + 4);
    expect(withBody('multipart/mixed;boundary=d3', inner)).toMatchObject({
      sdp: null,
      problems: ['multipart_limit'],
    });
    const many = multipart('b', [
      ...Array.from({ length: 40 }, () => part('Content-Type: text/plain', 'x')),
      sdpPart,
    ]);
    expect(withBody('multipart/mixed;boundary=b', many)).toMatchObject({
      sdp: null,
      problems: ['multipart_limit'],
    });
  });
});
