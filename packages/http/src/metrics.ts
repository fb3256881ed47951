import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { App } from './app.ts';
import type { Principal } from './principal.ts';

/** One number with its labels, as it is now. */
export type Measure = {
  name: string;
  help: string;
  labels?: Readonly<Record<string, string>>;
  amount: number;
};

/**
 * Adds `GET /metrics` in Prometheus' text format, for service tokens that list this route. Numbers
 * are read at each request. Labels are stages, codes and ids of partners and connections, and never
 * say anything about a person.
 */
export function addMetrics(
  app: App,
  read: (principal: Principal) => Promise<readonly Measure[]>,
): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauges = new Map<string, Gauge>();
  app.route('get', '/metrics', { kind: 'service' }, async (_request, response, principal) => {
    const measures = await read(principal);
    for (const gauge of gauges.values()) gauge.reset();
    for (const measure of measures)
      gaugeOf(registry, gauges, measure).set({ ...measure.labels }, measure.amount);
    response.type(registry.contentType).send(await registry.metrics());
  });
}

function gaugeOf(registry: Registry, gauges: Map<string, Gauge>, measure: Measure): Gauge {
  const gauge = gauges.get(measure.name);
  if (gauge) return gauge;
  const made = new Gauge({
    name: measure.name,
    help: measure.help,
    labelNames: Object.keys(measure.labels ?? {}),
    registers: [registry],
  });
  gauges.set(measure.name, made);
  return made;
}
