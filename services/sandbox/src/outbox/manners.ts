/** What a receiver of messages does with what comes. */
export type OutboxManner = {
  /**
   * `takes` keeps each message; `greylists` says "later" to each; `refuses` says no; `hangs` takes
   * the connection and says nothing more. `bounces` takes a mail and sends it back later;
   * `carrier-refuses` takes a text and reports later that it did not arrive.
   */
  does: 'takes' | 'greylists' | 'refuses' | 'hangs' | 'bounces' | 'carrier-refuses';
  /** How long each message is held at most before it is taken: a random part of it. */
  upToMs?: number;
  /** How long after a message was taken it comes back. */
  afterMs?: number;
};

/** The kinds of receivers, each with its manner. */
export type OutboxManners = Record<'mail' | 'text' | 'webhooks', OutboxManner>;

/** Where Loopwell is, and with what its peers prove who they are. */
export type LoopwellPeer = {
  /** Its address without a slash at the end; undefined until it is known. */
  address: string | undefined;
  /** The secret of the text gateway. */
  textSecret: string;
  /** The bearer of bounces. */
  bounceSecret: string;
};

/** Posts something to Loopwell. A Loopwell that is away is told nothing. */
export async function postTo(
  { address }: LoopwellPeer,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<number> {
  if (address === undefined) return 0;
  const signal = AbortSignal.timeout(10_000);
  try {
    const { status } = await fetch(address + path, { method: 'POST', headers, body, signal });
    return status;
  } catch {
    return 0;
  }
}
