import type { App } from '@loopwell/http';
import { type DirectoryDeps, replaceDirectory, replaceTokens } from './directory.ts';
import { readDirectory } from './directory-view.ts';

const admin = { kind: 'person-or-service', role: 'admin' } as const;

/**
 * Adds the routes of the directory and of the bearers that are exchanged with partners. Bearers go
 * in and never come out.
 */
export function addDirectoryRoutes(app: App, deps: DirectoryDeps): void {
  const path = '/api/v1/directory';
  app.route('get', path, admin, async (_request, response, { tenant }) => {
    const view = await deps.db.tx((tx) => readDirectory(tx, tenant, deps.shelf));
    response.json(view);
  });
  app.route('put', path, admin, async (request, response, principal) => {
    const view = await replaceDirectory(deps, principal, request.body);
    response.json(view);
  });
  app.route('put', `${path}/tokens`, admin, async (request, response, principal) => {
    const { body, query } = request;
    const mayEmpty = String(query.empty) === 'true';
    const view = await replaceTokens(deps, principal, body, mayEmpty);
    response.json(view);
  });
}
