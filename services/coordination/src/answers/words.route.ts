import type { App } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import type { components } from '@loopwell/openapi/generated/coordination.ts';
import { typedIn, uuid } from '../decide/form-data.ts';
import type { ReviewDeps } from '../reviewer.ts';
import { removeAnswerWords } from './remove-answer-words.ts';

const either = { kind: 'person-or-service', role: 'reviewer' } as const;
const person = { kind: 'person', role: 'reviewer' } as const;

/** Adds the form and the call by which the care team removes the words of a partner's answer. */
export function addWordRoutes(app: App, deps: ReviewDeps): void {
  const path = '/api/v1/referrals/:referralId/answers/:answerId/words';
  app.route('delete', path, either, async (request, response, principal) => {
    const { referralId, answerId } = request.params;
    const place = { referral: String(referralId), answer: Number(answerId) };
    await removeAnswerWords(deps, principal, place);
    response.json({ result: 'removed' } satisfies components['schemas']['RemovedWords']);
  });
  app.route('post', '/review/words', person, async (request, response, principal) => {
    const { referral = '', answer } = typedIn(request.body).text;
    if (!uuid.test(referral)) throw new AppError('NOT_FOUND', 'There is no such answer');
    await removeAnswerWords(deps, principal, { referral, answer: Number(answer) });
    response.redirect(303, `/review/${referral}?words=removed#said`);
  });
}
