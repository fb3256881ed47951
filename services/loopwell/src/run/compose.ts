import { wire as wireConsole } from '@loopwell/console';
import { wire as wireEnrichment } from '@loopwell/enrichment';
import { createApp, listen } from '@loopwell/http';
import { type EhrSettings, wire as wireIntake } from '@loopwell/intake';
import { type Clock, type Log, systemClock } from '@loopwell/kit';
import { openQueues, type Queues, startRunner, stageNames } from '@loopwell/pipeline';
import { type ReferralSettings, wire as wireReferral } from '@loopwell/referral';
import { access, type Database, directory, migrate, openDatabase, type PartnerRow } from '@loopwell/store';

/** All services in one process, on one port. */
export type ComposeOptions = {
  organisation: string;
  databaseUrl: string;
  queueUrl: string;
  host: string;
  port: number;
  ehrs: readonly EhrSettings[];
  referral: ReferralSettings;
  partners: readonly PartnerRow[];
  /** Endpoint address → bearers: what we send, and what the partner uses on our base. */
  partnerTokens: Readonly<Record<string, { send?: string; read?: string }>>;
  allowPrivateOrigins: readonly string[];
  writeBack: boolean;
  /** Set under `--once`: the pull ends with a window fixed at the start. */
  once: boolean;
  reconcileMs: number;
  coalesceMs: number;
  pullIntervalMs: number;
  leaseMs: number;
  log: Log;
  tell: (sentence: string) => void;
};

export type Composition = { db: Database; queues: Queues; address: string; close: () => Promise<void> };
