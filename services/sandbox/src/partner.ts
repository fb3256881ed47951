import { type fhir4, profiles, systems, withoutUndefined } from '@loopwell/fhir';
import type { ResourceStore, Stored } from '@loopwell/fhir/server';

/** The number of Tasks that one partner works on at a time. */
const atOnce = 8;

const reasons = {
  rejected: 'We have no room at the moment',
  failed: 'We could not reach the person',
} as const;

/** The way in which a fake partner handles a Task. */
export type Behavior = 'finish' | 'decline' | 'silent' | 'fail' | 'leap' | 'accept-only';

export type PartnerOptions = {
  behavior: Behavior;
  /** Milliseconds between two steps. */
  stepMs: number;
  /** The bearer that it presents when it reads at the referral source. */
  readToken?: string | undefined;
};

export type Reads = { read: number; refused: number };

/**
 * Works the Tasks of one fake partner. Each step depends only on stored data, so that a killed
 * partner goes on where it was. It reads the ServiceRequest before it accepts, and the resources
 * that this refers to right after.
 */
export class Partner {
  readonly store: ResourceStore;
  readonly options: PartnerOptions;
  readonly reads: Reads = { read: 0, refused: 0 };
  readonly #moving = new Set<string>();

  constructor(store: ResourceStore, options: PartnerOptions) {
    this.store = store;
    this.options = options;
  }

  /**
   * Moves each Task whose pause is over by one step. A few Tasks move in parallel, so that a
   * partner with many Tasks accepts one as fast as a partner with few.
   */
  async tick(): Promise<void> {
    if (this.options.behavior === 'silent') return;
    const now = Date.now();
    const waiting = (this.store.all('Task') as (Stored & fhir4.Task)[]).filter(
      (task) =>
        !this.#moving.has(task.id) &&
        this.#hasNext(task) &&
        now - Date.parse(task.meta.lastUpdated) >= this.#pauseMs(task),
    );
    await Promise.all(
      waiting.slice(0, Math.max(0, atOnce - this.#moving.size)).map((task) => this.#moveOnce(task)),
    );
  }

  /**
   * Returns the pause before the next step. A new Task is answered at once; later steps take time,
   * because people do them.
   */
  #pauseMs(task: fhir4.Task): number {
    return task.status === 'requested' ? 0 : this.options.stepMs;
  }

  #hasNext = (task: fhir4.Task) => nextStatus(this.options.behavior, task.status) !== undefined;

  async #moveOnce(task: Stored & fhir4.Task): Promise<void> {
    this.#moving.add(task.id);
    try {
      await this.#move(task);
    } finally {
      this.#moving.delete(task.id);
    }
  }

  async #move(task: Stored & fhir4.Task): Promise<void> {
    const next = nextStatus(this.options.behavior, task.status);
    if (next === undefined) return;
    if (
      task.status === 'requested' &&
      next !== 'rejected' &&
      (await this.#readRequest(task)) === undefined
    )
      return;
    // It may have been canceled while we were reading.
    if (this.store.get('Task', task.id)?.meta.versionId !== task.meta.versionId) return;
    const output = next === 'completed' ? [this.#help(task)] : task.output;
    const reason =
      next in reasons ? { statusReason: { text: reasons[next as keyof typeof reasons] } } : {};
    this.store.put({
      ...task,
      status: next,
      ...reason,
      ...withoutUndefined({ output: output || undefined }),
    } as Stored);
  }

  /**
   * Reads the ServiceRequest of a Task. The resources that it refers to are read without waiting
   * for them, so that accepting the Task waits for nothing else.
   */
  async #readRequest(task: Stored & fhir4.Task): Promise<fhir4.ServiceRequest | undefined> {
    const request = await this.#read<fhir4.ServiceRequest>(task.focus?.reference);
    if (request) this.#readMore(request).catch(() => {});
    return request;
  }

  async #readMore(request: fhir4.ServiceRequest): Promise<void> {
    const more = [
      request.subject,
      ...(request.reasonReference ?? []),
      ...(request.supportingInfo ?? []),
      request.requester,
    ];
    for (const reference of more) await this.#read(reference?.reference);
  }

  async #read<R>(reference: string | undefined): Promise<R | undefined> {
    if (reference === undefined || !/^https?:/.test(reference)) return undefined;
    const headers = this.options.readToken
      ? { authorization: `Bearer ${this.options.readToken}` }
      : undefined;
    try {
      const response = await fetch(reference, {
        ...withoutUndefined({ headers: headers || undefined }),
        signal: AbortSignal.timeout(10_000),
      });
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

  /**
   * Stores an SDOHCC Procedure about the help for the person, and returns the Task.output that
   * refers to it.
   */
  #help(task: Stored & fhir4.Task): fhir4.TaskOutput {
    const helped: fhir4.Procedure = {
      resourceType: 'Procedure',
      meta: { profile: [profiles.procedure] },
      status: 'completed',
      code: {
        coding: [{ system: systems.snomed, code: '710925007', display: 'Provision of food' }],
      },
      subject: task.for ?? {},
      basedOn: task.focus ? [task.focus] : [],
      performedDateTime: new Date().toISOString(),
    };
    const procedure = this.store.put(helped);
    return {
      type: { coding: [{ system: systems.sdohcc, code: 'resulting-activity' }] },
      valueReference: { reference: `Procedure/${procedure.id}` },
    };
  }
}

/** Gives the status that follows for a partner of this behavior; undefined where it stays. */
export function nextStatus(behavior: Behavior, status: string): fhir4.Task['status'] | undefined {
  if (behavior === 'silent') return undefined;
  if (status === 'requested') {
    if (behavior === 'decline') return 'rejected';
    return behavior === 'leap' ? 'completed' : 'accepted';
  }
  if (behavior === 'accept-only') return undefined;
  if (status === 'accepted') return 'in-progress';
  if (status === 'in-progress') return behavior === 'fail' ? 'failed' : 'completed';
  return undefined;
}
