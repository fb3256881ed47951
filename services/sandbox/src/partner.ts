import { type fhir4, profiles, systems } from '@loopwell/fhir';
import type { FhirStore, Stored } from './fhir-store.ts';

/** What a fake partner does with a Task. */
export type Behaviour = 'finish' | 'decline' | 'silent' | 'fail' | 'leap' | 'accept-only';

export type PartnerOptions = {
  behaviour: Behaviour;
  /** Pause between two steps. */
  stepMs: number;
  /** Bearer that it presents when it reads at the referral source. */
  readToken?: string | undefined;
};

export type Reads = { read: number; refused: number };

/**
 * Moves the Tasks of one fake partner along. Each step is told from what is stored, so that a killed partner goes on
 * where it was. It reads the ServiceRequest, and what that refers to, before it accepts.
 */
export class Partner {
  readonly store: FhirStore;
  readonly options: PartnerOptions;
  readonly reads: Reads = { read: 0, refused: 0 };
  #busy = false;

  constructor(store: FhirStore, options: PartnerOptions) {
    this.store = store;
    this.options = options;
  }

  async tick(): Promise<void> {
    if (this.#busy || this.options.behaviour === 'silent') return;
    this.#busy = true;
    try {
      for (const one of this.store.all('Task')) {
        const task = one as Stored & fhir4.Task;
        if (Date.now() - Date.parse(one.meta.lastUpdated) >= this.options.stepMs) await this.#move(task);
      }
    } finally {
      this.#busy = false;
    }
  }

  async #move(task: Stored & fhir4.Task): Promise<void> {
    const next = nextStatus(this.options.behaviour, task.status);
    if (next === undefined) return;
    const request = task.status === 'requested' ? await this.#readRequest(task) : undefined;
    if (task.status === 'requested' && request === undefined && next !== 'rejected') return;
    // Somebody may have cancelled it while we were reading.
    if (this.store.get('Task', task.id)?.meta.versionId !== task.meta.versionId) return;
    const output = next === 'completed' ? [this.#help(task)] : task.output;
    const reason = next === 'rejected' ? { statusReason: { text: 'We have no room at the moment' } } : next === 'failed' ? { statusReason: { text: 'We could not reach the person' } } : {};
    this.store.put({ ...task, status: next, ...reason, ...(output ? { output } : {}) } as Stored);
  }

  async #readRequest(task: fhir4.Task): Promise<fhir4.ServiceRequest | undefined> {
    const request = await this.#read<fhir4.ServiceRequest>(task.focus?.reference);
    const more = [request?.subject, ...(request?.reasonReference ?? []), ...(request?.supportingInfo ?? []), request?.requester];
    for (const one of more) if (request) await this.#read(one?.reference);
    return request;
  }

  async #read<R>(reference: string | undefined): Promise<R | undefined> {
    if (reference === undefined || !/^https?:/.test(reference)) return undefined;
    const headers = this.options.readToken ? { authorization: `Bearer ${this.options.readToken}` } : undefined;
    try {
      const response = await fetch(reference, { ...(headers ? { headers } : {}), signal: AbortSignal.timeout(10_000) });
      if (!response.ok) {
        this.reads.refused += 1;
        return undefined;
      }
      this.reads.read += 1;
      return (await response.json()) as R;
    } catch {
      this.reads.refused += 1;
      return undefined;
    }
  }

  /** SDOHCC Procedure: what was done for the person, referred to by Task.output. */
  #help(task: Stored & fhir4.Task): fhir4.TaskOutput {
    const helped: fhir4.Procedure = {
      resourceType: 'Procedure',
      meta: { profile: [profiles.procedure] },
      status: 'completed',
      code: { coding: [{ system: systems.snomed, code: '710925007', display: 'Provision of food' }] },
      subject: task.for ?? {},
      basedOn: task.focus ? [task.focus] : [],
      performedDateTime: new Date().toISOString(),
    };
    const procedure = this.store.put(helped);
    return { type: { coding: [{ system: systems.sdohcc, code: 'resulting-activity' }] }, valueReference: { reference: `Procedure/${procedure.id}` } };
  }
}

function nextStatus(behaviour: Behaviour, status: string): fhir4.Task['status'] | undefined {
  if (status === 'requested') {
    if (behaviour === 'decline') return 'rejected';
    return behaviour === 'leap' ? 'completed' : 'accepted';
  }
  if (behaviour === 'accept-only') return undefined;
  if (status === 'accepted') return 'in-progress';
  if (status === 'in-progress') return behaviour === 'fail' ? 'failed' : 'completed';
  return undefined;
}
