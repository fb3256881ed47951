import type { Principal } from '@loopwell/http';
import { instruments } from '@loopwell/instruments';
import { AppError, newId } from '@loopwell/kit';
import {
  type Appointment,
  type ContactOverride,
  nextAppointment,
  type OpenedAnswer,
  openedAnswers,
  type SiteFields,
  siteSettingsOf,
} from '@loopwell/sdoh';
import { loadRecords } from '@loopwell/service';
import { peopleInDanger, type SafetyFacts, safety, site, type Tx } from '@loopwell/store';
import type { PersonSubject } from '../find-subject.ts';
import { findSubject } from '../find-subject.ts';
import { type ContactView, readContact } from '../nos/contact-view.ts';
import { type PersonNames, personNames } from '../person-names.ts';
import { type ReachView, readReach } from '../reach/reach-view.ts';
import { type ReviewDeps, todayOf } from '../reviewer.ts';
import { requireShown } from '../shown-people.ts';
import { ownPlaceCheck } from './own-place.ts';
import { mayOverride } from './record-safety.ts';

type Reading = { deps: ReviewDeps; principal: Principal };

/**
 * Reads the next appointment of some people, as the EHR has it or as somebody typed it in. A place
 * can tell why somebody goes there, so that only the site's own name is given, unless somebody has
 * opened it. DECISIONS D186.
 */
export async function readNextAppointments(
  tx: Tx,
  humans: readonly string[],
  deps: ReviewDeps,
  { isOpened = false }: { isOpened?: boolean } = {},
): Promise<Map<string, Appointment | undefined>> {
  const isShown = isOpened ? () => true : await ownPlaceCheck(tx);
  const sources = await safety.appointmentSources(tx, humans);
  const now = deps.clock.now();
  const nextOf = ({ resources, typed }: safety.AppointmentSources) => {
    const bodies = resources.map(({ body }) => body);
    const next = nextAppointment(bodies, typed, now);
    return next && { ...next, place: isShown(next.place) ? next.place : undefined };
  };
  return new Map([...sources].map(([human, found]) => [human, nextOf(found)]));
}

/** All that the page of a person to see first shows. The words of their answers are not in it. */
export type SeeFirstView = {
  subject: PersonSubject;
  names: PersonNames;
  facts: SafetyFacts;
  appointment: Appointment | undefined;
  advocateLine: string;
  /** The reader may decide that the person is contacted because their life is in danger. */
  mayOverride: boolean;
};

/**
 * Reads the page of one person to see first.
 *
 * @throws AppError NOT_FOUND where nobody has this id, the chart is restricted, or nothing about
 *   the person is to be seen first
 */
export async function readPersonToSee(
  tx: Tx,
  { deps, principal }: Reading,
  id: string,
): Promise<SeeFirstView> {
  const subject = await findSubject(tx, id);
  await requireShown(tx, { principal, page: '/people/:personId/see-first' }, subject.patients);
  const facts = (await safety.safetyFacts(tx, [subject.person])).get(subject.person);
  const marked = await peopleInDanger(tx, principal.tenant, subject.patients);
  if (facts === undefined || (facts.answers.length === 0 && marked.size === 0))
    throw new AppError('NOT_FOUND', 'There is no such person');
  const appointments = await readNextAppointments(tx, [subject.person], deps);
  return {
    subject,
    facts,
    names: await personNames(tx, subject.patients, todayOf(deps)),
    appointment: appointments.get(subject.person),
    advocateLine: await readAdvocateLine(tx),
    mayOverride: mayOverride(principal),
  };
}

/** Reads the number of the site's advocate, which is offered aloud and never written down. */
async function readAdvocateLine(tx: Tx): Promise<string> {
  const row = await site.readSite(tx);
  return siteSettingsOf(JSON.parse(row?.settings ?? '{}') as SiteFields).advocateLine;
}

/** A screening with its answers that are read alone; without them, its issues say what is known. */
type OpenedScreening = safety.OpenedScreening & { answers: readonly OpenedAnswer[] };

/** What an opened page shows: the words of answers about safety, and needs that cannot wait. */
export type OpenedView = {
  subject: PersonSubject;
  names: PersonNames;
  screenings: readonly OpenedScreening[];
  needs: readonly safety.DatedNeed[];
  /** What clinicians decided for danger to life, with their reasons. */
  overrides: readonly ContactOverride[];
  /** Whether and how they may be contacted now. */
  contact: ContactView;
  reach: ReachView;
  appointment: Appointment | undefined;
  isSeen: boolean;
  /** What to do, where they have an answer about safety. */
  advice: SeeFirstView | undefined;
};

/**
 * Reads why somebody bears the mark, and records that this was shown in the same transaction.
 *
 * @throws AppError NOT_FOUND where nobody has this id, or the chart is restricted
 */
export async function openWords(
  tx: Tx,
  { deps, principal }: Reading,
  id: string,
): Promise<OpenedView> {
  const subject = await findSubject(tx, id);
  const page = '/people/:personId/opened';
  await requireShown(tx, { principal, page, what: 'safety' }, subject.patients);
  const marked = await peopleInDanger(tx, principal.tenant, subject.patients);
  const screenings = await readOpened(tx, deps, subject);
  const facts = (await safety.safetyFacts(tx, [subject.person])).get(subject.person);
  const appointments = await readNextAppointments(tx, [subject.person], deps, { isOpened: true });
  const hasAnswers = facts !== undefined && facts.answers.length > 0;
  return {
    subject,
    screenings,
    advice: hasAnswers ? await readPersonToSee(tx, { deps, principal }, id) : undefined,
    appointment: appointments.get(subject.person),
    names: await personNames(tx, subject.patients, todayOf(deps)),
    needs: await safety.datedNeedsOf(tx, subject.patients),
    overrides: facts?.overrides ?? [],
    contact: await readContact(tx, subject, todayOf(deps)),
    reach: await readReach(tx, subject, deps.clock.now()),
    isSeen: marked.size > 0 && screenings.some(({ isAboutSafety }) => isAboutSafety),
  };
}

/** Reads the screenings to open, each with the answers that its resources carry. */
async function readOpened(
  tx: Tx,
  { clock }: ReviewDeps,
  { patients }: PersonSubject,
): Promise<OpenedScreening[]> {
  const screenings = await safety.openedScreenings(tx, patients);
  if (screenings.length === 0) return [];
  const rows = patients.map((subject) => ({ subject, tenant: tx.tenant, trace: newId() }));
  const records = await loadRecords(tx, rows, { instruments, timeZone: clock.timeZone });
  const answersOf = (person: string) => {
    const loaded = records.get(person);
    return loaded ? openedAnswers(loaded.record, instruments) : [];
  };
  const byPerson = new Map(patients.map((person) => [person, answersOf(person)]));
  return screenings.map((screening) => {
    const sources = new Set(JSON.parse(screening.sources) as string[]);
    const answers = byPerson.get(screening.person) ?? [];
    return { ...screening, answers: answers.filter(({ source }) => sources.has(source)) };
  });
}
