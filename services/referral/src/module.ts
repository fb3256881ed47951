import { contracts } from '@loopwell/openapi';
import { channels } from '@loopwell/partners';
import { defineService, mailOf, type Resources, textsOf } from '@loopwell/service';
import { partnerProfiles, type Secrets } from '@loopwell/store';
import { type ReferralEnvironment, referralFields } from './config.ts';
import { addDirectoryRoutes } from './directory/directory.route.ts';
import { configuredTokens, type SendTokens } from './directory/send-tokens.ts';
import { addFhirRoutes } from './hub/fhir.route.ts';
import { addTaskRoutes } from './hub/task.route.ts';
import { liveSettings, type ProcessSettings } from './live-settings.ts';
import { addMessageRoutes } from './messages/messages.route.ts';
import { type MessageSettings, openMessages } from './messages/open-messages.ts';
import type { TellPartner } from './messages/tell-partner.ts';
import { addPartnerPages, type PartnerPagesDeps } from './partner-pages/partner-pages.ts';
import { addRequestRoutes } from './partner-pages/requests/requests.route.ts';
import { sendCodeBy } from './partner-pages/sign-in/second-factor.ts';
import { readLanguages } from './partner-pages/texts/languages.ts';
import { wire } from './service.ts';

/** The settings of the module that its environment or the command line chooses. */
export type ReferralModuleSettings = Omit<
  ProcessSettings,
  'tenant' | 'publicBase' | 'batch' | 'leaseMs'
> & {
  /** Bearers by Endpoint address that the command line names. They win over the configured ones. */
  sendTokens?: ReadonlyMap<string, string>;
  /** How partners are told by e-mail and text; not at all when left out. */
  messages?: MessageSettings;
};

const settingsOf = (environment: ReferralEnvironment): ReferralModuleSettings => ({
  send: environment.SEND,
  approve: environment.APPROVE,
  agreedByConsent: environment.AGREED_BY_CONSENT,
  pollMs: environment.POLL,
  askAgainMs: environment.ASK_AGAIN,
  messages: {
    mail: mailOf(environment),
    texts: textsOf(environment),
    bounceSecret: environment.MAIL_BOUNCE_SECRET,
  },
});

/** How many referrals a stage takes at a time. */
const batch = 50;

/** Sends referrals to partners, follows their Tasks, and serves what partners read. */
export const referral = defineService({
  name: 'referral',
  port: 8083,
  needs: ['LOOPWELL_SECRET_KEY', 'PUBLIC_URL'],
  fields: referralFields,
  settingsOf,
  contract: contracts.referral,
  wire(resources, { sendTokens, messages = {}, ...chosen }) {
    const { tenant, db, nudge, outbound, secrets, clock, site, leaseMs } = resources;
    const publicBase = `${resources.publicUrl}/fhir`;
    const settings = liveSettings({ ...chosen, tenant, publicBase, batch, leaseMs }, site);
    const tellPartner = openMessages(resources, messages);
    const tokens = tokensOf(sendTokens, resources);
    return {
      works: wire(settings, { ...resources, sendTokens: tokens, tellPartner }).works,
      routes: (app) => {
        // Before the routes of any type, which would take Task for one that is not served.
        addTaskRoutes(app, { db, settings, clock, nudge });
        addFhirRoutes(app, { db, settings });
        addMessageRoutes(app, {
          ...resources,
          ...messages,
          site: settings,
          shelf: channels,
          tellPartner,
        });
        // Without a key bearers cannot be sealed, so the directory is not configured here.
        if (secrets) addDirectoryRoutes(app, { db, nudge, outbound, secrets, shelf: channels });
        // Nor are codes of partners recognized without one.
        if (secrets) {
          const door = addPartnerPages(app, partnerPagesDeps(resources, secrets, tellPartner));
          const undoForMs = () => site.settings().undoForMs;
          addRequestRoutes({ door, settings, nudge, undoForMs, languages: readLanguages() });
        }
      },
    };
  },
});

/** Makes what the pages of partners need of what the host lends. */
const partnerPagesDeps = (
  { db, clock, site, publicUrl }: Resources,
  secrets: Secrets,
  tellPartner: TellPartner,
): PartnerPagesDeps => ({
  ...{ db, clock, secrets },
  clinic: site.settings,
  isHttps: publicUrl.startsWith('https:'),
  needsSecondCode: partnerProfiles.needsSecondCode,
  sendCode: sendCodeBy(tellPartner, () => site.settings().name),
});

function tokensOf(
  named: ReadonlyMap<string, string> | undefined,
  { db, secrets, realClock, tenant }: Resources,
): SendTokens {
  const configured = secrets && configuredTokens({ db, secrets, clock: realClock }, tenant);
  return { get: async (address) => named?.get(address) ?? (await configured?.get(address)) };
}
