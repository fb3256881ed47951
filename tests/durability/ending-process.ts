import { subscribe } from 'node:diagnostics_channel';
import { createFhirClient } from '@loopwell/fhir/client';
import { createOutbound, originBeingRead } from '@loopwell/outbound';
import { endOnUncaught } from '@loopwell/service';
import { openDatabase, receivers } from '@loopwell/store';

/**
 * A process for a test: something fails while it reads an answer, in a place where nobody catches
 * it.
 */
const [, , url = '', origin = ''] = process.argv;
const db = openDatabase({ url, tenant: 'default', max: 2 });
endOnUncaught({
  noteEnd: (code) => receivers.noteEnd(db, originBeingRead(), code),
  say: (error) => process.stderr.write(`ENDED ${error instanceof Error ? error.name : 'value'}\n`),
});
subscribe('undici:request:headers', () => {
  throw Object.assign(new Error('as an assertion would'), { code: 'ERR_ASSERTION' });
});
const outbound = createOutbound({ allowedPrivateOrigins: [origin] });
await createFhirClient({ base: `${origin}/fhir`, outbound }).capabilities();
