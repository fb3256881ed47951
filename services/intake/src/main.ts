import { runService } from '@loopwell/service';
import { intake } from './module.ts';

await runService(intake, process.env);
