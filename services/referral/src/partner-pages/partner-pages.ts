import type { App } from '@loopwell/http';
import { addPeoplePages } from './people/people.route.ts';
import { createHelperDoor, type HelperDoor } from './shell/helper-door.ts';
import type { PartnerPageDeps } from './shell/page-deps.ts';
import { addWhatWeKeep } from './shell/what-we-keep.ts';
import { addSignInRoutes } from './sign-in/sign-in.route.ts';
import type { SignInDeps } from './sign-in/sign-in.ts';

/** What the pages behind a partner's link need. */
export type PartnerPagesDeps = PartnerPageDeps & Pick<SignInDeps, 'sendCode' | 'needsSecondCode'>;

/** Adds the pages behind the links of partners, and returns the door for further ones. */
export function addPartnerPages(app: App, deps: PartnerPagesDeps): HelperDoor {
  const door = createHelperDoor(app, deps);
  addSignInRoutes(app, { door, signing: deps });
  addWhatWeKeep(app, door);
  addPeoplePages({ door, needsSecondCode: deps.needsSecondCode });
  return door;
}
