/** Null for what is not there. */
export function absent(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
  // A file where a folder should be holds nothing either.
  if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return null;
  throw error;
}
