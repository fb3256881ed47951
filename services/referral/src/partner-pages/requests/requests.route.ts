import type { Tx } from '@loopwell/store';
import type { HelperHandler } from '../shell/helper-door.ts';
import { checkName, openForm, openRequest } from './open-pages.ts';
import type { Opening } from './opening.ts';
import { postAnswer, postUndo } from './post-answer.ts';
import { listRequests } from './read/list-requests.ts';
import { lookOf, taskOf } from './read/look.ts';
import type { RequestDeps } from './request-deps.ts';
import { contextOf, openView, type ShownBody, showView } from './show-view.ts';
import { isOpen, listPage } from './views/list-page.ts';
import { pathOf } from './views/page-model.ts';

/** Makes what a route shows, of what it reads in one transaction. */
type Opens = (tx: Tx, opening: Opening) => Promise<ShownBody>;

/**
 * Adds the list of open requests of a partner, the page of each, and the forms of its answers. To
 * look changes nothing, and is recorded in the account of disclosures. DECISIONS D199.
 */
export function addRequestRoutes(deps: RequestDeps): void {
  const { door } = deps;
  const opened = (opens: Opens) => pageOf(deps, opens);
  door.get('/requests', opened(openList));
  door.get('/requests/:task', opened(openRequest));
  door.get('/requests/:task/:form', opened(openForm));
  door.post('/requests/:task/name', opened(checkName));
  door.post('/requests/:task/answers', (request, response, helper) =>
    postAnswer(deps, {
      request,
      response,
      helper,
    }),
  );
  door.post('/requests/:task/undo', (request, response, helper) =>
    postUndo(deps, {
      request,
      response,
      helper,
    }),
  );
}

/** Opens the list. Right after the code, a request that is alone in it is opened instead. */
async function openList(tx: Tx, opening: Opening): Promise<ShownBody> {
  const { look, view, settings, request } = opening;
  const list = await listRequests(tx, look, settings);
  const context = contextOf(view);
  const [only, ...others] = list;
  const isAlone = request.query.first !== undefined && others.length === 0;
  const body = listPage(list, context);
  return only && isAlone && isOpen(only) ? { body, leadsTo: pathOf(context, only.id) } : { body };
}

/** Makes the handler of a page: it reads all that the page shows, and then shows it. */
function pageOf(deps: RequestDeps, opens: Opens): HelperHandler {
  const { door, settings } = deps;
  return async (request, response, helper) => {
    const { view, shown } = await door.db.tx(async (tx) => {
      const opening = {
        look: await lookOf(tx, helper, deps.door.clock.now(), taskOf(request)),
        view: await openView(tx, response, helper, deps),
        ...{ settings, request },
      };
      return {
        view: opening.view,
        shown: await opens(tx, opening),
      };
    });
    if (shown.leadsTo === undefined) showView(response, view, deps, shown);
    else response.redirect(303, shown.leadsTo);
  };
}
