import type { App } from '@loopwell/http';
import { AppError } from '@loopwell/kit';

import type { Database } from '@loopwell/store';
import type { ReferralSettings } from '../settings.ts';
import { readableTypes, readForPartner } from './read.ts';
import { appendHistoryLine } from './reads.ts';

/** `GET /fhir/<type>/<id>` for partners, by their bearer. Every read is written down. */
export function addFhirRoutes(app: App, deps: { db: Database; settings: ReferralSettings }): void {
  for (const type of readableTypes) {
    app.route('get', `/fhir/${type}/:id`, { kind: 'partner' }, async (request, response, principal) => {
      const id = String(request.params.id ?? '');
      if (principal.partner === undefined) throw new AppError('FORBIDDEN', 'This bearer belongs to no partner');
      const partner = principal.partner;
      const resource = await deps.db.tx(async (tx) => {
        const found = await readForPartner(tx, partner, type, id, deps.settings);
        await appendHistoryLine(tx, deps.settings.organisation, partner, type, id);
        return found;
      });
      response.type('application/fhir+json').send(JSON.stringify(resource));
    });
  }
}
