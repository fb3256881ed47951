type Waiting<T> = { one: T; resolve: () => void; reject: (error: unknown) => void };

/**
 * Work that arrives while other work is under way is done together, in one go, when that has ended:
 * what many have read or sent becomes one transaction. When it fails, each is tried by itself, so
 * that only the one to blame fails.
 */
export function together<T>(
  work: (some: readonly T[]) => Promise<void>,
): (one: T) => Promise<void> {
  const waiting: Waiting<T>[] = [];
  let isBusy = false;
  async function run(): Promise<void> {
    isBusy = true;
    // Those that are ready in this moment come along.
    await new Promise((resolve) => setImmediate(resolve));
    for (let some = waiting.splice(0); some.length > 0; some = waiting.splice(0))
      await workSome(some);
    isBusy = false;
  }
  async function workSome(some: readonly Waiting<T>[]): Promise<void> {
    try {
      await work(some.map(({ one }) => one));
      for (const { resolve } of some) resolve();
    } catch (error) {
      if (some.length === 1) some[0]?.reject(error);
      else for (const one of some) await workSome([one]);
    }
  }
  return (one) =>
    new Promise((resolve, reject) => {
      waiting.push({ one, resolve, reject });
      if (!isBusy) void run();
    });
}
