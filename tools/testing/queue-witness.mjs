import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';

/**
 * Notes each queue that a process opens in the file that QUEUE_WITNESS names. Loaded by each
 * integration suite, and by the processes that a suite starts (through NODE_OPTIONS); plain
 * JavaScript, since those may run on an older Node.
 */
subscribe('loopwell:queue', (message) => {
  if (process.env.QUEUE_WITNESS) appendFileSync(process.env.QUEUE_WITNESS, `${message.backend}\n`);
});
