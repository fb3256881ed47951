import { readFileSync } from 'node:fs';
import { readConfig } from '@loopwell/kit';
import { z } from 'zod';
import { type SandboxOptions, startSandbox } from './sandbox.ts';

const config = readConfig(z.object({ SANDBOX_OPTIONS: z.string() }), process.env);
const options = JSON.parse(readFileSync(config.SANDBOX_OPTIONS, 'utf8')) as SandboxOptions;
const sandbox = await startSandbox(options);
const { address, mailUrl, textGateway, bounceSecret } = sandbox;
const ready = { ready: true, address, mailUrl, textGateway, bounceSecret };
process.stdout.write(`${JSON.stringify(ready)}\n`);
const stop = () => void sandbox.close().finally(() => process.exit(0));
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop);
// It ends with the process that started it, because the other end of this pipe closes then.
process.stdin.on('end', stop).on('error', stop).resume();
