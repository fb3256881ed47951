import {
  type App,
  notice,
  type Pages,
  type Principal,
  type Request,
  type Response,
} from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import { type ProfileTexts, readProfileTexts } from '@loopwell/sdoh';
import { momentOf, type ReviewDeps } from '../reviewer.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { partnerListPage } from './partner-list-page.ts';
import { type EditAgain, partnerPage } from './partner-page.ts';
import { readEdited, readListed } from './read-partners.ts';
import { nudgeFor, saveProfile } from './save-profile.ts';

const person = { kind: 'person', role: 'reviewer' } as const;
const path = '/partners/:partnerId';

type Outcome = { again: EditAgain } | { saved: 'yes' | 'unchanged'; batch?: string };

/**
 * Adds the list of partners, and the page on which people write how a partner works. DECISIONS
 * D189.
 */
export function addPartnerPages(app: App, deps: ReviewDeps, pages: Pages<ReviewTexts>): void {
  app.route('get', '/partners', person, async (_request, response, principal) => {
    const moment = momentOf(deps);
    const partners = await deps.tx((tx) => readListed(tx, principal.tenant, moment));
    pages.show(response, (texts) => ({
      title: texts.partnerList.title,
      body: partnerListPage(partners, texts),
      principal,
      current: '/partners',
    }));
  });
  app.route('get', path, person, (request, response, principal) =>
    show({ deps, pages }, request, response, principal),
  );
  app.route('post', path, person, async (request, response, principal) => {
    const id = String(request.params.partnerId);
    const outcome = await save(deps, principal, id, request.body);
    if ('again' in outcome) {
      await show({ deps, pages }, request, response, principal, outcome.again);
      return;
    }
    if (outcome.batch) await nudgeFor(deps, outcome.batch);
    response.redirect(303, `/partners/${encodeURIComponent(id)}?saved=${outcome.saved}`);
  });
}

async function show(
  { deps, pages }: { deps: ReviewDeps; pages: Pages<ReviewTexts> },
  request: Request,
  response: Response,
  principal: Principal,
  again?: EditAgain,
): Promise<void> {
  const partner = await deps.tx((tx) =>
    readEdited(tx, String(request.params.partnerId), momentOf(deps)),
  );
  const saved = again ? undefined : request.query.saved;
  pages.show(response, (texts) => {
    const { title, saved: isSaved, unchanged } = texts.editPartner;
    const sentence = saved === 'yes' ? isSaved : saved === 'unchanged' && unchanged;
    return {
      title: title(partner.name),
      body: partnerPage(
        partner,
        { again, done: sentence ? notice('done', sentence) : undefined },
        texts,
      ),
      principal,
      current: '/partners',
      status: again ? 400 : 200,
    };
  });
}

/** Saves what was changed in the form; a wrong field changes nothing. */
function save(deps: ReviewDeps, by: Principal, partner: string, body: unknown): Promise<Outcome> {
  const { was: shown, ...typed } = textsIn(body);
  const moment = momentOf(deps);
  return deps.tx(async (tx): Promise<Outcome> => {
    await readEdited(tx, partner, moment);
    const was = readWas(shown);
    const read = readProfileTexts(typed, was, moment.today);
    if ('problems' in read) return { again: { typed, was, problems: read.problems } };
    const { changes } = read;
    if (Object.keys(changes).length === 0) return { saved: 'unchanged' };
    return { saved: 'yes', batch: await saveProfile(tx, moment.now, by, { partner, changes }) };
  });
}

/** Keeps the texts of a form; browsers send line breaks as two characters. */
function textsIn(body: unknown): Record<string, string> {
  const texts = Object.entries(body ?? {}).filter(([, text]) => typeof text === 'string');
  return Object.fromEntries(
    texts.map(([field, text]) => [field, String(text).replaceAll('\r\n', '\n')]),
  );
}

/** Reads which texts the form had shown. */
function readWas(text = '{}'): ProfileTexts {
  try {
    return textsIn(JSON.parse(text));
  } catch {
    throw new AppError('REQUEST_INVALID', 'The form is not as it was shown: open it again', {
      facts: { field: 'was' },
    });
  }
}
