import pg from 'pg';

/**
 * Moments at which a process can be made to stop itself as SIGSTOP would, exactly there:
 * - `receipt-intended`: the receipt is committed, nothing has been sent, the lease is still asked
 *   before the POST;
 * - `inside-post`: everything was asked, the bytes of the POST leave when the process goes on.
 */
export type StopMoment = 'receipt-intended' | 'inside-post';

export function stopAtMoment(moment: StopMoment): void {
  if (moment === 'receipt-intended') stopAfterReceipt();
  else stopInsidePost();
}

/** Tells the test where we are, then stands still until somebody sends SIGCONT. */
function standStill(): void {
  process.stdout.write('{"stopped":true}\n');
  process.kill(process.pid, 'SIGSTOP');
}

type Query = (...args: unknown[]) => Promise<unknown>;

/** Watches the database client: a commit after an insert into the receipts is the moment. */
function stopAfterReceipt(): void {
  const original = pg.Client.prototype.query as Query;
  const intending = new WeakSet<object>();
  let isDone = false;
  const watched: Query = function watched(this: object, ...args) {
    const [statement] = args as [string | { text?: string }];
    const text = typeof statement === 'string' ? statement : (statement.text ?? '');
    if (text.startsWith('insert into receipt')) intending.add(this);
    const result = original.apply(this, args);
    if (isDone || text !== 'commit' || !intending.has(this)) return result;
    isDone = true;
    return result.then((rows) => {
      standStill();
      return rows;
    });
  };
  Object.assign(pg.Client.prototype, { query: watched });
}

/** Watches the way out: the first POST of a Task is the moment. */
function stopInsidePost(): void {
  const original = globalThis.fetch;
  let isDone = false;
  globalThis.fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const method = input instanceof Request ? input.method : init?.method;
    if (!isDone && method === 'POST' && url.endsWith('/Task')) {
      isDone = true;
      standStill();
      // On a connection of its own: an idle one may have been closed meanwhile, and then nothing
      // would leave. A Request remembers the pool that it was made for, so that it is taken apart.
      const request = new Request(input, init);
      const { origin, pathname, search } = new URL(request.url);
      const body = await request.text();
      const headers = { ...Object.fromEntries(request.headers), connection: 'close' };
      return await original(`${origin}${pathname}${search}`, {
        method: request.method,
        headers,
        body,
        redirect: 'manual',
      });
    }
    return original(input, init);
  };
}
