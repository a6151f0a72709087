/** Gives columns their memory, zeroed, in the order in which they ask. */
export type ColumnMemory = (bytes: number) => ArrayBufferLike;

/** Memory that one thread alone sees. */
export const ownMemory: ColumnMemory = (bytes) => new ArrayBuffer(bytes);
