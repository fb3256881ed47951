import type { CodingResult } from './coding.ts';
import type { Backend, Kind } from './measure.ts';
import { cpuPerEncounter, floorCpuOf, intakeCpuOf, type SizeResult } from './report.ts';

type PerEncounter = {
  encounters: number;
  cpuMsPerEncounter: number;
  floorCpuMsPerEncounter: number;
};
/** Numbers of both queues; null for a queue that was not measured. */
type ByBackend = { postgresql: PerEncounter | null; redis: PerEncounter | null };

/** The one object that `pnpm bench --json` prints. */
export type JsonResult = {
  throughCode: ByBackend;
  delivered: ByBackend;
  nudgeMsOnPostgresql: number;
  intakeCpuMsPerResource: number;
  rulesPerSecond: number;
  linesPerSecond: number;
};

const rounded = (amount: number) => Math.round(amount * 1_000) / 1_000;

function perEncounter(size: SizeResult, kind: Kind, backend: Backend): PerEncounter | null {
  const cpuMs = cpuPerEncounter(size, kind, backend);
  if (cpuMs === 0) return null;
  return {
    encounters: size.population.encounters,
    cpuMsPerEncounter: rounded(cpuMs),
    floorCpuMsPerEncounter: rounded(floorCpuOf(size, backend)),
  };
}

function byBackend(size: SizeResult, kind: Kind): ByBackend {
  return {
    postgresql: perEncounter(size, kind, 'postgres'),
    redis: perEncounter(size, kind, 'redis'),
  };
}

/** Makes the object that `--json` prints from what was measured. */
export function jsonResult(size: SizeResult, coding: CodingResult, nudgeMs: number): JsonResult {
  return {
    throughCode: byBackend(size, 'code'),
    delivered: byBackend(size, 'delivered'),
    nudgeMsOnPostgresql: rounded(nudgeMs),
    intakeCpuMsPerResource: rounded(intakeCpuOf(size)),
    rulesPerSecond: Math.round(coding.rulesPerSecond),
    linesPerSecond: Math.round(coding.linesPerSecond),
  };
}
