import type { App, Principal, Response } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import type { components } from '@loopwell/openapi/generated/coordination.ts';
import { typedIn, uuid } from '../decide/form-data.ts';
import { type ReviewDeps, todayOf } from '../reviewer.ts';
import { helpInForm, parseHelp } from './help-body.ts';
import type { HelpFeedback } from './help-form.ts';
import { recordHelp } from './record-help.ts';

const role = 'reviewer';

/** Shows the page of a referral again with what came of the form. */
type ShowReferral = (
  response: Response,
  principal: Principal,
  referral: string,
  help: HelpFeedback,
) => Promise<void>;

/** Adds the route by which an API records what a person says about help. */
export function addHelpApi(app: App, deps: ReviewDeps): void {
  const path = '/api/v1/referrals/:referralId/help';
  const either = { kind: 'person-or-service', role } as const;
  app.route('post', path, either, async (request, response, principal) => {
    const help = parseHelp(request.body, todayOf(deps));
    await recordHelp(deps, principal, String(request.params.referralId), help);
    response.json({ recorded: true } satisfies components['schemas']['RecordedHelp']);
  });
}

/** Adds the form for what a person says about help. */
export function addHelpForm(
  app: App,
  deps: ReviewDeps,
  showReferral: ShowReferral,
  requireExplained: (error: unknown) => AppError,
): void {
  const person = { kind: 'person', role } as const;
  app.route('post', '/review/help', person, async (request, response, principal) => {
    const { text: typed } = typedIn(request.body);
    const referral = typed.referral ?? '';
    if (!uuid.test(referral)) throw new AppError('NOT_FOUND', 'There is no such referral');
    try {
      const help = parseHelp(helpInForm(request.body), todayOf(deps));
      await recordHelp(deps, principal, referral, help);
      response.redirect(303, `/review/${referral}?help=recorded`);
    } catch (error) {
      const problem = requireExplained(error);
      await showReferral(response, principal, referral, { problem, typed });
    }
  });
}
