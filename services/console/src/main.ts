import { serve } from '@loopwell/http';
import { readConfig } from '@loopwell/kit';
import { ConsoleConfig, secretFiles } from './config.ts';
import { open } from './open.ts';

await serve(async () => open(readConfig(ConsoleConfig, process.env, secretFiles)));
