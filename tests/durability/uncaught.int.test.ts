import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { migrate, openDatabase, receivers } from '@loopwell/store';
import { testDatabase } from '@loopwell/testing';
import { expect, it } from 'vitest';
import { startProcess } from './process.ts';

it('a failure that is handled nowhere ends the process with 1 and one line, and marks whose answer was read', {
  timeout: 60_000,
}, async () => {
  const scratch = await testDatabase();
  await migrate(scratch.url);
  const db = openDatabase({ url: scratch.url, tenant: 'default', max: 2 });
  const server = createServer((_request, response) => void response.end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const file = fileURLToPath(new URL('./ending-process.ts', import.meta.url));
  try {
    for (const held of [[], [origin]]) {
      const ending = startProcess(file, {}, [scratch.url, origin]);
      await expect(ending.ready).rejects.toThrow('ended with 1');
      expect(ending.errors().match(/^ENDED Error$/gm)).toHaveLength(1);
      expect([...(await receivers.heldReceivers(db))]).toEqual(held);
    }
    const { rows } = await db.query('select origin, code from receiver_end');
    expect(rows).toEqual([1, 2].map(() => ({ origin, code: 'ERR_ASSERTION' })));
  } finally {
    server.close();
    server.closeAllConnections();
    await db.close();
    await scratch.close();
  }
});
