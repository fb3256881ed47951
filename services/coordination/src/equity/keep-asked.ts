import { type PersonProfile, profileOn } from '@loopwell/sdoh';
import { equityFacts, people, type Tx } from '@loopwell/store';
import type { Reviewer } from '../reviewer.ts';

/** Who was asked about which need, and what whoever asked says about how. */
type Asked = {
  person: string;
  referral: string | null;
  askedIn?: string | undefined;
  interpreter?: string | undefined;
};

const kindOf = ({ id, kind }: Reviewer): 'care-team' | 'service' | 'policy' => {
  if (kind === 'person' || id.startsWith('person:')) return 'care-team';
  return kind === 'policy' ? 'policy' : 'service';
};

/**
 * Keeps in which language people were asked, whether an interpreter was there, and what asked.
 * Where nobody says, it is what the record says on that day.
 */
async function keepAsked(
  tx: Tx,
  reviewer: Reviewer,
  asked: readonly Asked[],
  today: string,
): Promise<void> {
  const profiles = await people.profilesOf(
    tx,
    asked.map(({ person }) => person),
  );
  const facts = asked.map(({ person, referral, askedIn, interpreter }) => {
    const body = profiles.get(person);
    const profile = body && profileOn(JSON.parse(body) as PersonProfile, today);
    const [first] = profile ? profile.languages : [];
    const language = askedIn ?? first?.code ?? null;
    const onRecord = profile ? profile.interpreter : undefined;
    const by = kindOf(reviewer);
    return { person, referral, language, interpreter: interpreter ?? onRecord ?? null, by };
  });
  await equityFacts.keepAsked(tx, facts);
}

/** A decision about one referral. */
type Step = {
  referral: { id: string; person: string };
  step: { decision: string; askedIn?: string; interpreter?: string };
};

/** Decisions that say that somebody asked the person. */
const asking: readonly string[] = ['agree', 'withdrawAgreement'];

/** Keeps how people were asked, where decisions say that somebody asked them. */
export async function keepAskedOf(
  tx: Tx,
  reviewer: Reviewer,
  steps: readonly Step[],
  today: string,
): Promise<void> {
  const ofAsking = steps.filter(({ step }) => asking.includes(step.decision));
  const asked = ofAsking.map(({ referral: { id, person }, step: { askedIn, interpreter } }) => ({
    ...{ person, referral: id, askedIn, interpreter },
  }));
  await keepAsked(tx, reviewer, asked, today);
}
