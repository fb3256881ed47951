import type { App } from '@loopwell/http';
import { type ReviewDeps, todayOf } from '../reviewer.ts';
import { parseClose, parseList, parsePartner, parseSaid } from './by-hand-body.ts';
import { choosePartner } from './choose-partner.ts';
import { closeByHand } from './close-by-hand.ts';
import { correctDeath } from './correct-death.ts';
import { giveList, recordSaid } from './give-list.ts';
import { sendAnyway } from './send-anyway.ts';

const either = { kind: 'person-or-service', role: 'reviewer' } as const;
const base = '/api/v1/referrals/:referralId';
const recorded = { result: 'recorded' } as const;

/** Adds the API of what somebody does to a referral by hand. */
export function addByHandRoutes(app: App, deps: ReviewDeps): void {
  app.route('post', `${base}/close`, either, async (request, response, principal) => {
    const body = parseClose(request.body, todayOf(deps));
    await closeByHand(deps, principal, String(request.params.referralId), body);
    response.json(recorded);
  });
  app.route('put', `${base}/partner`, either, async (request, response, principal) => {
    const body = parsePartner(request.body);
    await choosePartner(deps, principal, String(request.params.referralId), body);
    response.json(recorded);
  });
  app.route('post', `${base}/send-anyway`, either, async (request, response, principal) => {
    await sendAnyway(deps, principal, String(request.params.referralId));
    response.json(recorded);
  });
  app.route('post', `${base}/list`, either, async (request, response, principal) => {
    await giveList(deps, principal, String(request.params.referralId), parseList(request.body));
    response.status(201).json(recorded);
  });
  app.route('post', `${base}/list/said`, either, async (request, response, principal) => {
    const body = parseSaid(request.body, todayOf(deps));
    await recordSaid(deps, principal, String(request.params.referralId), body);
    response.json(recorded);
  });
  const death = '/api/v1/people/:personId/death';
  app.route('delete', death, either, async (request, response, principal) => {
    await correctDeath(deps, principal, String(request.params.personId));
    response.status(204).end();
  });
}
