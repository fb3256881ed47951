import type { fhir4 } from '@loopwell/fhir';
import { type App, type Html, html, type Pages } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import type { DirectoryPartner } from '@loopwell/sdoh';
import { type PartnerRow, partnerProfiles, referrals, type Tx, work } from '@loopwell/store';
import { uuid } from '../decide/form-data.ts';
import type { ReviewDeps, Reviewer } from '../reviewer.ts';
import { requireShown } from '../shown-people.ts';
import type { ReviewTexts } from '../texts/en.ts';

const person = { kind: 'person', role: 'reviewer' } as const;
const path = '/review/:referralId/list';

/** A place as it stands on a list for a person. */
type Place = { name: string; lines: readonly string[] };

/**
 * Adds the page with the list of places that a person was given, to print. It names nobody and no
 * need, because whoever finds the paper may read it.
 */
export function addGivenListPage(app: App, deps: ReviewDeps, pages: Pages<ReviewTexts>): void {
  app.route('get', path, person, async (request, response, principal) => {
    const id = String(request.params.referralId);
    const places = await deps.tx((tx) => readGivenList(tx, principal, id));
    pages.show(response, (texts) => ({
      title: texts.byHand.listPage.title,
      body: givenListPage(id, places, texts),
      principal,
      current: '/review',
    }));
  });
}

async function readGivenList(tx: Tx, principal: Reviewer, id: string): Promise<Place[]> {
  const missing = 'There is no such referral';
  const row = uuid.test(id) ? (await referrals.loadReferrals(tx, [id])).get(id) : undefined;
  if (row === undefined) throw new AppError('NOT_FOUND', missing);
  await requireShown(tx, { principal, page: path }, [row.person], missing);
  const list = await work.openListOf(tx, id);
  const rows = await partnerProfiles.namedPartners(tx);
  return placesOf(JSON.parse(list?.partners ?? '[]') as string[], rows);
}

/** Gives the places of a list with address, phone and page, as the directory has them. */
function placesOf(ids: readonly string[], rows: readonly PartnerRow[]): Place[] {
  const places: Place[] = [];
  for (const id of ids) {
    const row = rows.find((one) => one.id === id);
    if (row === undefined) continue;
    const { organization } = JSON.parse(row.body) as Partial<DirectoryPartner>;
    places.push({ name: row.name, lines: linesOf(organization) });
  }
  return places;
}

/** Writes the addresses and the numbers of an Organization, each on a line. */
function linesOf(organization: fhir4.Organization | undefined): string[] {
  const addresses = (organization?.address ?? []).map(({ text, line, city, state, postalCode }) =>
    text
      ? text
      : [...(line ?? []), city, [state, postalCode].filter(Boolean).join(' ')]
          .filter(Boolean)
          .join(', '),
  );
  const numbers = (organization?.telecom ?? []).map(({ value }) => value ?? '');
  return [...addresses, ...numbers].filter((text) => text !== '');
}

function givenListPage(id: string, places: readonly Place[], { byHand: words }: ReviewTexts): Html {
  const { listPage } = words;
  const items = places.map(
    ({ name, lines }) =>
      html`<li><strong>${name}</strong>${lines.map((line) => html`<br>${line}`)}</li>\n`,
  );
  return html`<p class="unprinted"><a href="/review/${id}">${listPage.back}</a> · ${listPage.hint}</p>
${places.length === 0 ? html`<p>${listPage.none}</p>` : html`<ol class="places">${items}</ol>`}`;
}
