/**
 * What one SIP message may cost. Everything here is chosen by whoever sends the packet, so everything is
 * bounded; the values leave ample room for messages seen on real trunks.
 */

/** Start line, headers and body together. No UDP datagram can be larger. */
export const MESSAGE_BYTES_MAX = 65_536;
/** Header lines that are kept; later ones are passed over. */
export const HEADERS_MAX = 256;
/** Values kept of one header after splitting comma lists. */
export const HEADER_VALUES_MAX = 256;
/** The longest header value that is kept. A longer one is dropped whole: a cut one would look valid. */
export const HEADER_VALUE_MAX = 8192;
/** The longest identifier (Call-ID, tag, branch, URI in a header): these outlive the message. */
export const IDENTIFIER_MAX = 1024;
/** The longest Request-URI. */
export const REQUEST_URI_MAX = 2048;
/** The longest method name. */
export const METHOD_MAX = 32;
/** Parameters kept of one header value. */
export const PARAMETERS_MAX = 64;
/** How deep multiparts may nest, and how many parts a body may have in all. */
export const MULTIPART_DEPTH_MAX = 3;
export const MULTIPART_PARTS_MAX = 32;
