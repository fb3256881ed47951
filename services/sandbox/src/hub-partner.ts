import { setTimeout as sleep } from 'node:timers/promises';
import { type fhir4, profiles, systems } from '@loopwell/fhir';
import { nextStatus } from './partner.ts';

/** A partner without a server, which works at the hub of the referral source. */
export type HubPartnerOptions = {
  name: string;
  /** Milliseconds between two looks; each look moves each Task by one step. */
  stepMs: number;
  /** The bearer that it presents at the hub. */
  readToken: string;
};

const deadlineMs = 10_000;

/**
 * Works the Tasks of one partner at the hub: it searches for them, reads the order before it
 * accepts, and puts each Task back with its next status. Everything that it knows is at the hub, so
 * that a killed partner goes on where it was.
 */
export class HubPartner {
  readonly #options: HubPartnerOptions;
  readonly #stop = new AbortController();

  constructor(options: HubPartnerOptions) {
    this.#options = options;
  }

  /** Works at a hub until it is closed. A hub that does not answer is asked again. */
  async workAt(base: string): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#look(base).catch(() => {});
      await sleep(this.#options.stepMs, undefined, { signal: this.#stop.signal }).catch(() => {});
    }
  }

  close(): void {
    this.#stop.abort();
  }

  async #look(base: string): Promise<void> {
    const query = 'status=requested,accepted,in-progress&_count=200';
    const bundle = await this.#ask<fhir4.Bundle<fhir4.Task>>(`${base}/Task?${query}`);
    for (const { resource } of bundle?.entry ?? []) if (resource) await this.#move(base, resource);
  }

  async #move(base: string, task: fhir4.Task): Promise<void> {
    const status = nextStatus('finish', task.status);
    if (status === undefined) return;
    const order = await this.#ask<fhir4.ServiceRequest>(addressIn(base, task.focus));
    if (order === undefined) return;
    const output = status === 'completed' ? await this.#help(base, task, order) : [];
    const outputs = [...(task.output ?? []), ...output];
    const moved: fhir4.Task = { ...task, status };
    if (outputs.length > 0) moved.output = outputs;
    const etag = `W/"${task.meta?.versionId}"`;
    await this.#ask(`${base}/Task/${task.id}`, {
      method: 'PUT',
      headers: { 'if-match': etag },
      body: JSON.stringify(moved),
    });
  }

  /** Posts the Procedure about the help once, and gives the output that refers to it. */
  async #help(
    base: string,
    task: fhir4.Task,
    order: fhir4.ServiceRequest,
  ): Promise<fhir4.TaskOutput[]> {
    const identifier = { system: `https://${this.#options.name}.example/visits`, value: task.id };
    const help: fhir4.Procedure = {
      resourceType: 'Procedure',
      meta: { profile: [profiles.procedure] },
      identifier: [identifier],
      status: 'completed',
      code: { coding: [transportationHelp] },
      subject: order.subject,
      basedOn: [{ reference: `ServiceRequest/${order.id}` }],
      performedDateTime: new Date().toISOString(),
    };
    const search = `identifier=${identifier.system}|${identifier.value}`;
    const procedure = await this.#ask<fhir4.Procedure>(`${base}/Procedure`, {
      method: 'POST',
      headers: { 'if-none-exist': search },
      body: JSON.stringify(help),
    });
    if (procedure?.id === undefined) return [];
    const type = { coding: [{ system: systems.sdohcc, code: 'resulting-activity' }] };
    return [{ type, valueReference: { reference: `Procedure/${procedure.id}` } }];
  }

  /** Asks the hub. An answer that is no success is undefined. */
  async #ask<T>(url: string, request: RequestInit = {}): Promise<T | undefined> {
    const answer = await fetch(url, {
      ...request,
      headers: {
        ...(request.headers as Record<string, string>),
        authorization: `Bearer ${this.#options.readToken}`,
        'content-type': 'application/fhir+json',
      },
      signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(deadlineMs)]),
    });
    const text = await answer.text();
    return answer.ok ? (JSON.parse(text) as T) : undefined;
  }
}

const transportationHelp = {
  system: systems.snomed,
  code: '410365006',
  display: 'Transportation case management',
};

const addressIn = (base: string, { reference = '' }: fhir4.Reference = {}): string =>
  /^https?:/.test(reference) ? reference : `${base}/${reference}`;
