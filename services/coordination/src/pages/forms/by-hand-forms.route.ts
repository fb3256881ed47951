import type { App, Principal, Response } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import { parseClose, parseList, parsePartner, parseSaid } from '../../by-hand/by-hand-body.ts';
import { choosePartner } from '../../by-hand/choose-partner.ts';
import { closeByHand } from '../../by-hand/close-by-hand.ts';
import { giveList, recordSaid } from '../../by-hand/give-list.ts';
import { sendAnyway } from '../../by-hand/send-anyway.ts';
import { typedIn, uuid } from '../../decide/form-data.ts';
import { type ReviewDeps, todayOf } from '../../reviewer.ts';
import { requireExplained } from '../explained-errors.ts';
import type { HandFeedback } from './by-hand-form.ts';

const person = { kind: 'person', role: 'reviewer' } as const;

/** Shows the page of a referral with what came of a form by hand. */
type Show = (
  response: Response,
  principal: Principal,
  id: string,
  hand: HandFeedback,
) => Promise<void>;

/** Does what a form says. Gives the address to go on to, where that is not the referral's page. */
type Act = (id: string, form: unknown, principal: Principal) => Promise<string | undefined>;

/** Adds the forms of a referral's page for what somebody does by hand. */
export function addByHandForms(app: App, deps: ReviewDeps, show: Show): void {
  const add = (name: string, act: Act) =>
    app.route(
      'post',
      `/review/:referralId/${name}`,
      person,
      async (request, response, principal) => {
        const id = requireId(String(request.params.referralId));
        try {
          const next = await act(id, request.body, principal);
          response.redirect(303, next ?? `/review/${id}?hand=recorded`);
        } catch (error) {
          const problem = requireExplained(error);
          await show(response, principal, id, { problem, typed: typedIn(request.body).text });
        }
      },
    );
  add('close', async (id, form, by) => {
    await closeByHand(deps, by, id, parseClose(form, todayOf(deps)));
    return undefined;
  });
  add('partner', async (id, form, by) => {
    const request = await choosePartner(deps, by, id, parsePartner(form), { isOnPage: true });
    return `/review/${id}?done=approved&n=1&request=${request}`;
  });
  add('send-anyway', async (id, _form, by) => {
    await sendAnyway(deps, by, id);
    return undefined;
  });
  add('list', async (id, form, by) => {
    const body = parseList(placesIn(form));
    await giveList(deps, by, id, body);
    return body.way === 'printed' ? `/review/${id}/list` : undefined;
  });
  add('list/said', async (id, form, by) => {
    await recordSaid(deps, by, id, parseSaid(form, todayOf(deps)));
    return undefined;
  });
}

/** Reads the places of the form, of which those that were left open do not count. */
function placesIn(form: unknown): object {
  const { partners, ...rest } = (form ?? {}) as Record<string, unknown>;
  const places = [partners ?? []].flat().filter((one) => one !== '');
  return { ...rest, partners: places };
}

/** @throws AppError NOT_FOUND for what is no id */
function requireId(id: string): string {
  if (uuid.test(id)) return id;
  throw new AppError('NOT_FOUND', 'There is no such referral');
}
