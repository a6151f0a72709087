/** A message with its full stop, unless it is a question. */
export function sentence(message: string): string {
  return message.endsWith('?') ? message : `${message}.`;
}
