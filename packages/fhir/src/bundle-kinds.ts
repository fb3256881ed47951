const answers = /^\s*(batch|transaction)-response\s*$/i;

/** Why a Bundle of this `type` is not read; undefined where it is. */
export function unreadBundle(type: unknown): string | undefined {
  const what = typeof type === 'string' ? answers.exec(type)?.[1]?.toLowerCase() : undefined;
  return (
    what &&
    `It is the answer to a ${what} (${what}-response), which is not read: give each resource or Bundle in it by itself.`
  );
}

/**
 * Why a resource of this type is not read within a Bundle: it holds resources of its own. Undefined
 * where it is.
 */
export function unreadWithin(type: unknown): string | undefined {
  return type === 'Bundle' || type === 'Parameters'
    ? `${type} within a Bundle is not read: give what it holds by itself.`
    : undefined;
}
