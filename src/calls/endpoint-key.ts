/** An address and port as a map key. */
export function endpointKey(words: Int32Array, port: number): string {
  return `${words[0]}.${words[1]}.${words[2]}.${words[3]}:${port}`;
}
