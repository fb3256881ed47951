import type { App } from '@loopwell/http';
import { type DirectoryDeps, readDirectory, replaceDirectory, replaceTokens } from './directory.ts';

const admin = { kind: 'person-or-service', role: 'admin' } as const;

/**
 * Adds the routes of the directory and of the bearers that are exchanged with partners. Bearers go
 * in and never come out.
 */
export function addDirectoryRoutes(app: App, deps: DirectoryDeps): void {
  app.route('get', '/api/v1/directory', admin, async (_request, response, { tenant }) => {
    response.json(await deps.db.tx((tx) => readDirectory(tx, tenant, deps.shelf)));
  });
  app.route('put', '/api/v1/directory', admin, async (request, response, principal) => {
    response.json(await replaceDirectory(deps, principal, request.body));
  });
  app.route('put', '/api/v1/directory/tokens', admin, async (request, response, principal) => {
    const mayEmpty = String(request.query.empty) === 'true';
    response.json(await replaceTokens(deps, principal, request.body, mayEmpty));
  });
}
