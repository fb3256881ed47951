import { main } from './program.ts';

const { DATABASE_URL, QUEUE_URL, LOOPWELL_LOG } = process.env;
process.exit(await main(process.argv.slice(2), { DATABASE_URL, QUEUE_URL, LOOPWELL_LOG }));
