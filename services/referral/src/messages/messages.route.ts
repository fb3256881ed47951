import { type App, RequestProblems, type SignedHandler } from '@loopwell/http';
import type { Clock, Log } from '@loopwell/kit';
import { isBearer, readBounce, readCall, type TextSettings } from '@loopwell/messages';
import type { Nudge, NudgeFunction } from '@loopwell/pipeline';
import { type Database, type MessageReport, partnerTexts } from '@loopwell/store';
import type { MoveContext } from '../refer/ladder/move-on.ts';
import { wayFailed } from '../refer/ladder/way-failed.ts';
import { type TakenText, type TextSite, takeText } from './take-text.ts';
import type { TellPartner } from './tell-partner.ts';

/** What the doors for messages need. */
export type MessageRouteDeps = MoveContext & {
  db: Database;
  nudge: NudgeFunction;
  /** The clock that signatures are checked by. */
  realClock: Clock;
  log: Log;
  site: TextSite;
  publicUrl: string;
  texts?: TextSettings | undefined;
  /** The secret of what brings bounces of mail; without it there are none. */
  bounceSecret?: string | undefined;
  tellPartner: TellPartner;
};

/** No text and no report is larger; a bounce quotes a mail. */
const [callBytes, bounceBytes] = [65_536, 262_144];

/**
 * Adds the addresses that a text gateway and a mail server call: for texts that partners send, for
 * what became of a text, and for mail that came back. A call that is not theirs is refused, and
 * nothing of it is believed. DECISIONS D192.
 */
export function addMessageRoutes(app: App, deps: MessageRouteDeps): void {
  app.signed('/messages/texts', callBytes, callHandler(deps, '/messages/texts', 'text'));
  app.signed('/messages/events', callBytes, callHandler(deps, '/messages/events', 'report'));
  app.signed('/messages/bounces', bounceBytes, async (request, response, body) => {
    if (!isBearer(request.get('authorization'), deps.bounceSecret)) throw refused();
    const bounce = readBounce(body, request.get('content-type') ?? '');
    if (bounce) await takeReport(deps, { way: 'email', state: 'bounced', ...bounce });
    response.status(204).end();
  });
}

const refused = () =>
  new RequestProblems(
    'This address takes signed messages only',
    [{ path: '/headers', rule: 'signature' }],
    { status: 401 },
  );

type Request = Parameters<SignedHandler>[0];

function callHandler(deps: MessageRouteDeps, path: string, door: 'text' | 'report'): SignedHandler {
  return async (request, response, body) => {
    const search = request.originalUrl.slice(request.path.length);
    const call = {
      url: deps.publicUrl + path + search,
      header: (name: string) => request.get(name),
      body,
      now: deps.realClock.now(),
    };
    const read = deps.texts ? readCall(deps.texts, call, door) : { kind: 'unsigned' as const };
    if (read.kind === 'unsigned') throw refused();
    if (read.kind === 'report') {
      const { code = null, id, state } = read.report;
      await takeReport(deps, { way: 'text', id: ourId(request) ?? id, state, code });
    }
    const taken = read.kind === 'text' ? await takeOne(deps, read.text) : undefined;
    response.status(204).end();
    if (taken && read.kind === 'text') await answer(deps, taken, read.text.from);
  };
}

/** Reads our own id of a message from the address that a report came to. */
function ourId(request: Request): string | undefined {
  const { message } = request.query;
  return typeof message === 'string' ? message : undefined;
}

async function takeReport(deps: MessageRouteDeps, report: MessageReport): Promise<void> {
  const { db, nudge } = deps;
  const nudges = await db.tx(async (tx): Promise<Nudge[]> => {
    const tasks = await partnerTexts.keepReport(tx, report);
    if (tasks === undefined) return [];
    const code = report.code ?? report.state;
    return wayFailed(tx, { tasks, channel: report.way, code }, deps);
  });
  await nudge(nudges);
}

async function takeOne(
  deps: MessageRouteDeps,
  text: Parameters<typeof takeText>[2],
): Promise<TakenText> {
  const taken = await deps.db.tx((tx) => takeText(tx, deps, text));
  await deps.nudge(taken.nudges);
  return taken;
}

/** Answers a text. The text was taken, so that a failure here is told to operators alone. */
async function answer(
  { tellPartner, log }: MessageRouteDeps,
  { answer: reply }: TakenText,
  to: string,
): Promise<void> {
  if (reply === undefined) return;
  const { words, ...rest } = reply;
  try {
    await tellPartner({ kind: 'reply', way: 'text', to, ...rest, words: () => words });
  } catch (error) {
    log.error('A text was not answered', error);
  }
}
