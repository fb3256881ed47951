import { serve } from '@loopwell/http';
import { readConfig } from '@loopwell/kit';
import { IntakeConfig, secretFiles } from './config.ts';
import { open } from './open.ts';

await serve(async () => open(readConfig(IntakeConfig, process.env, secretFiles)));
