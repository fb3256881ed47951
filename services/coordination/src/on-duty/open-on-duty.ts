import type { Clock, Log } from '@loopwell/kit';
import { createMailer, createSender, type MailSettings } from '@loopwell/messages';
import { createOutboundFetch, type Outbound } from '@loopwell/outbound';
import type { Site } from '@loopwell/service';
import type { Database, Secrets } from '@loopwell/store';
import { type AlertLoop, createAlertLoop, helpLimitOf } from './alert-loop.ts';
import type { OnDutyRouteDeps } from './on-duty.route.ts';
import { type AlertTiming, alertTiming } from './tell-on-duty.ts';

/** What people on duty are told with, from the host. */
export type OnDutyResources = {
  db: Database;
  secrets: Secrets | undefined;
  outbound: Outbound;
  /** Webhooks are signed with the time that it is for their receivers. */
  realClock: Clock;
  log: Log;
  clock: Clock;
  site: Site;
};

/** The mail server of the site, and how often people on duty are told; tests are in a hurry. */
export type OnDutySettings = { mail?: MailSettings | undefined; timing?: Partial<AlertTiming> };

/** Opens what tells people on duty, and what changes who they are. */
export function openOnDuty(
  { db, secrets, outbound, realClock, log, clock, site }: OnDutyResources,
  settings: OnDutySettings,
): { loop: AlertLoop; deps: OnDutyRouteDeps } {
  const timing = { ...alertTiming, ...settings.timing };
  const { deadlineMs } = timing;
  const mailer = settings.mail && createMailer(settings.mail, deadlineMs);
  const fetch = createOutboundFetch(outbound);
  const send = createSender({ mailer, fetch, clock: realClock, deadlineMs });
  const hasMail = mailer !== undefined;
  const tell = { db, send, secrets, hasMail, timing };
  return {
    loop: createAlertLoop({ ...tell, log, helpLimit: () => helpLimitOf(site, clock) }),
    deps: { db, secrets, hasMail, checkUrl: outbound.checkUrl },
  };
}
