const answers = /^\s*(batch|transaction)-response\s*$/i;

/** Gives the reason why a Bundle of this `type` is not read; undefined if it is read. */
export function unreadBundle(type: unknown): string | undefined {
  const what = typeof type === 'string' ? answers.exec(type)?.[1]?.toLowerCase() : undefined;
  return (
    what &&
    `It is the answer to a ${what} (${what}-response), which is not read: give each ` +
      'resource or Bundle in it by itself.'
  );
}

/**
 * Gives the reason why a resource of this type is not read within a Bundle; undefined if it is
 * read. Such a type holds resources of its own.
 */
export function unreadWithin(type: unknown): string | undefined {
  return type === 'Bundle' || type === 'Parameters'
    ? `${type} within a Bundle is not read: give what it holds by itself.`
    : undefined;
}
