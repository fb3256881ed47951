import { serve } from '@loopwell/http';
import { readConfig } from '@loopwell/kit';
import { ReferralConfig, secretFiles } from './config.ts';
import { open } from './open.ts';

await serve(async () => open(readConfig(ReferralConfig, process.env, secretFiles)));
