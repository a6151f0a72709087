/**
 * What can be wrong with a SIP message: reasons that make it useless, problems that it survives.
 */

/** Why no message could be made of the bytes. */
export type SipReason =
  | 'empty'
  | 'too_long'
  | 'bad_start_line'
  | 'unsupported_version'
  | 'uri_too_long'
  /** What is missing lies beyond the captured bytes. */
  | 'truncated'
  | 'no_call_id'
  | 'call_id_too_long'
  | 'no_cseq'
  | 'bad_cseq';

/** What was wrong with a message that could be read all the same. */
export type SipProblem =
  /** Tabs, or more or less white space than there should be. */
  | 'start_line_spaces'
  | 'start_line_leading_lines'
  /** A Request-URI with white space in it. */
  | 'uri_spaces'
  /** Header lines that end in a bare LF. */
  | 'bare_lf'
  /** The headers are not followed by an empty line. */
  | 'no_blank_line'
  /** A line without a colon, or with no token before it. */
  | 'malformed_header'
  /** More than 256 header lines, or values of one header. */
  | 'too_many_headers'
  | 'header_too_long'
  /** NUL and other control characters among the headers. */
  | 'control_bytes'
  /** A second Call-ID, CSeq, From, To, ...: the first one counts. */
  | 'duplicate_header'
  | 'duplicate_header_differs'
  | 'no_from'
  | 'no_to'
  | 'no_via'
  | 'bad_from'
  | 'bad_to'
  | 'bad_via'
  | 'bad_contact'
  /** Above the 2^31 - 1 of RFC 3261 8.1.1.5, still a 32-bit number. */
  | 'cseq_out_of_range'
  | 'cseq_method_missing'
  | 'cseq_method_mismatch'
  | 'content_length_invalid'
  /** The body is shorter than announced. */
  | 'content_length_large'
  /** Bytes follow the announced body; they are no part of it. */
  | 'content_length_small'
  /** A body without Content-Type that is SDP by its first line. */
  | 'no_content_type'
  /** A body in a content or transfer encoding that is not undone here. */
  | 'body_encoded'
  | 'multipart_malformed'
  | 'multipart_limit';

/** Each problem once, in the order found. */
export class ProblemList {
  readonly #found = new Set<SipProblem>();

  add(problem: SipProblem): void {
    this.#found.add(problem);
  }

  toArray(): readonly SipProblem[] {
    return this.#found.size === 0 ? NONE : [...this.#found];
  }
}

const NONE: readonly SipProblem[] = Object.freeze([]);
