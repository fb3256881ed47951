import { runService } from '@loopwell/service';
import { referral } from './module.ts';

await runService(referral, process.env);
