// Generated from coordination.yaml; do not edit.
export interface paths {
    "/api/v1/reviews": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Referrals that wait for a reviewer, longest unchanged first; or those of another state
         * @description `state=waiting` lists what waits for a reviewer. `withoutHelp` is one of its gates; `noPartner`, `hold` and `send` wait for operators, and `partner` is out: people to be seen first on top, then longest unchanged first. `closed`, `failed` (a person closed it without help), `withdrawn` and `refused` (those of `withdrawn` that a reviewer refused) have ended: latest first. `all` is everything of one `person`. `gate`, `sort` and `postponed` belong to `waiting`.
         */
        get: operations["listReviews"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reviews/{referralId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One referral with its evidence, its decisions and its Tasks */
        get: operations["readReview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reviews/{referralId}/must-by": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Sets, changes or removes the date by which something must happen for a referral
         * @description Every clock of the referral keeps to it, also the time that a partner has to take a Task that it has not taken.
         */
        put: operations["setMustBy"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reviews/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * One decision about one or many referrals, or several in one go, all or nothing
         * @description Fields depend on `decision`: `approve` of one referral may take `recipient`, the only partner that it may go to, and has to for a need that rests on restricted information; `agree` takes `agreedOn`, `askedBy` and perhaps `mustBy`; `recordConsent` takes `dateTime`, `askedBy` and perhaps `until`, and says what was signed in one of two ways: in words alone (`scope`, which limit nothing, and perhaps `recipient`, a partner's id or `any`, the default), or whole (`signer`, `authority`, `method`, `document`, `elements`, and `places` or `kind`, with `except`, `householdSize`, `partTwo`), and then partners read exactly that; a field that breaks a rule is named with the rule (`future`, `before-signature`, `ended`, `required`, `unknown-place`, `no-such-place`, `other-need`, `nobody-left`, `places-or-kind`, `parent-of-adult`, `age-unknown`, `no-policy`, `name`, `not-shared`, `part-2-names-partner`, `part-2-in-writing`); `withdrawConsent` may say `everything`; `chooseService` takes `serviceCode`; `refuse` and `closeWithoutHelp` need a `reason`; `askNext` has the next partner asked where nobody could help so far, or the one of `recipient` (an `approve` with another `recipient` does the same there), never where the person does not want this help; `postpone` takes `until`, a later day; `sendNow` ends the wait for an undo; `openAgain` takes `broughtUpOn` where the person said no; `chooseCode` is about one referral and takes `condition`, a suggestion of it, and `code`, a SNOMED CT finding of the category's value set, or `suggested` to go back to what was suggested. A version answers 409 when the answers behind the referral have changed since, or somebody else has decided about it. What the same person decided since is no conflict (for a service token it is one where both decisions are about the same thing), nor is anything that the workers did. Taking back is never refused for its version. `approve`, `agree`, `recordConsent` and `chooseService` may take `also`, further decisions about the same referrals. A signed-in person can undo a decision (`POST /api/v1/reviews/undo`). A decision on a page waits before anything is sent; one through this API does not.
         */
        post: operations["decide"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reviews/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Undo what one request decided
         * @description For the signed-in person who decided. Until a send is claimed everything is as before; from then on the Task is taken back, its partner reads nothing any more, and the referral waits for review. 409 where nothing can be undone: `stop` (a refusal, a withdrawal or an end), `decided-since`, `answered`, `ended` or `in-chart`. The same undo twice is one. After an undo the decision before it can be undone in its turn.
         */
        post: operations["undo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/referrals/{referralId}/answers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * An answer of a partner that a person was given by phone
         * @description The answer is written into the inbox of answers, and the Task follows within moments. It is about the Task that is open now. `reason` is required for `rejected`, `failed` and `cancelled`. `at` may be neither in the future nor before the Task was sent. 400 names the field and the rule (`future`, `before-sent`, `required`, `nothing-new`). 409 says that the Task may not go there from its present status (`move-not-allowed`), or that no partner has an open Task (`no-open-task`). Nothing is recorded then. The same answer twice is recorded once.
         */
        post: operations["recordAnswer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/referrals/{referralId}/answers/{answerId}/words": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Removes the words of a partner's answer everywhere
         * @description The note, what was typed beside a button, and what a Task said in words, in the answer, the Task, its versions and the Procedures that the partner posted about it. Codes stay, and so do the days and the partner that a button names, who said it and when; the history says who removed the words. A partner that writes a Task says its words again in each version, so those of all answers about this Task that came by such a door are removed. Doing it again changes nothing.
         */
        delete: operations["removeWords"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/referrals/{referralId}/help": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What the person says about the help
         * @description Beside what the partner says. A later answer takes the place of an earlier one. 400 names the field and the rule (`date`, `future`, `required`). 409 says that no partner has said that it helped (`not-helped-yet`). Nothing is recorded then.
         */
        post: operations["recordHelp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/screenings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Screenings that a person has to look at, with the reasons */
        get: operations["listScreenings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/screenings/{screeningId}/seen": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Somebody has looked at what a screening asks a person to look at
         * @description It leaves the list until something new is found in it; who looked and when is kept. A danger does not end by it. A version that is not the present one answers 409.
         */
        post: operations["seeScreening"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/patients/{patientId}/person": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * A person says whether two Patients are the same person
         * @description `samePersonAs` joins this Patient with another one; null makes it a person alone again. No other row is changed, so both can be undone. It stays until the EHR names other successors of the Patient (`Patient.link`) than now. Who decided is in history.
         */
        put: operations["setPersonOfPatient"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/disclosures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Account of disclosures: what went out to partners, why, by whose decision, and what they read of it; latest first
         * @description One entry is one Task at one partner. `from` and `to` list what was sent, could be read or was read in that time; reads are counted within it. A partner that is not known is refused (400), so that a slip in an id does not read as "nobody". A person who is not known has no entries. For auditors.
         */
        get: operations["listDisclosures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/views": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who here was shown which person, on which page; latest first
         * @description Every list, search result, page and answer of the API that shows a person leaves one entry for each person. For auditors
         */
        get: operations["listViews"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sign-ins": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who signed in, with which roles and until when; and links that were made
         * @description For auditors
         */
        get: operations["listSignIns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sign-ins/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End all sessions of one person at once, and the links that were made for them
         * @description For administrators
         */
        post: operations["endSignIns"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/equity-facts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Facts about equity, one entry for each need; no names and no ids
         * @description Who was offered help, asked (in which language, with an interpreter, by what), wanted it, said no and how, signed, how often somebody tried, and who was helped, as the partner says and as the person says. Needs about safety have the category `withheld`. For auditors
         */
        get: operations["listEquityFacts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/retention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the retention of the site will delete, and the receipts of erasures
         * @description For auditors. What is to be deleted is listed for 14 days first. At most 500 of each
         */
        get: operations["listRetention"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/legal-demands": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What courts, agencies and attorneys demand; latest first
         * @description For auditors. At most 500
         */
        get: operations["listLegalDemands"];
        put?: never;
        /**
         * Write down a legal demand about a person, who is not erased while it is open
         * @description For leads
         */
        post: operations["recordLegalDemand"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/legal-demands/{demandId}/steps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Agree to the release of what is demanded, or to the end of the demand; each needs two different people
         * @description For leads who have signed in. A service token is no named person. The same person twice is refused (409)
         */
        post: operations["agreeToLegalDemand"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{personId}/restriction": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Restrict the chart of a person to an owner and to leads
         * @description To everybody else the person is not there, in no list, search or answer. The work is handed to the owner, who may open the chart until it is handed over; so may who covers for them
         */
        put: operations["restrictChart"];
        post?: never;
        /** End the restriction of a chart */
        delete: operations["openChart"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/on-duty": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is told when somebody needs help soon, in their order; secrets are never shown */
        get: operations["readOnDuty"];
        /**
         * Change who is told; counts within seconds in every process
         * @description The whole list at once. The first person is told at once, by each of their ways; every five minutes the same people are told again, and the next name too, until somebody takes the alert. A webhook is sent by the Standard Webhooks specification (https://www.standardwebhooks.com); its secret is sealed and never shown. A webhook without `secret` keeps the one that its address has. With `version`, 409 where somebody changed another version meanwhile. A field that breaks its rule is named with it (400).
         */
        put: operations["changeOnDuty"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{personId}/taken": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say that you have this person; nobody on duty is told any more
         * @description The id of the person, or of any of their Patients. The button of the page posts to `/people/{personId}/taken`
         */
        post: operations["takePerson"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{personId}/reach": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How a person wants to be reached, and whom to keep out */
        get: operations["readReach"];
        /**
         * What the person said about how to reach them
         * @description The choice replaces the one before. `instead` is the id of the answer that was shown, null where there was none; 409 says that somebody has recorded another one since. Places and people of `keepOut` come in addition, and only `allowAgain` ends one. The id or the whole name of a partner means that partner; for all other words nothing goes out until a person has said which partners are meant. 400 names each field and its rule.
         */
        put: operations["recordReach"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{personId}/keep-outs/{keepOutId}/partners": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Which partners are meant by a place or person to keep out */
        put: operations["resolveKeepOut"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{personId}/noes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a person said no to, the latest first, those that have ended too */
        get: operations["readNos"];
        put?: never;
        /**
         * Record that a person said no
         * @description What is out against it comes back, and its reads end at once. `not-this-help` needs `category`, `not-this-place` needs `partner`, `not-now` needs `until`, the first day on which they may be asked again. Without `category` it is about every help.
         */
        post: operations["recordNo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{personId}/noes/{noId}/brought-up": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Write down that the person brought it up again, which ends their no
         * @description For signed-in people; nothing else ends a no before its day.
         */
        post: operations["bringUp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{personId}/tries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take one of a person's tries before somebody contacts them
         * @description A conflict names the rule against it: `said-no`, `see-in-person`, `way-not-chosen`, `not-asked-how`, `no-tries-left`, `deceased`, `inactive`, `merged` or `changed`, and `until` where that ends on a day. With `outcome` it records a try that was just made.
         */
        post: operations["makeTry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{personId}/tries/{tryId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Record how a try ended */
        post: operations["endTry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{personId}/work": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who looks after a person, the next step, and the notes of the care team */
        get: operations["readWork"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{personId}/owner": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Hand a person over to somebody of the care team, or to nobody */
        put: operations["handOver"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{personId}/next-step": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Plan the one next step for a person, in place of the one before */
        put: operations["planStep"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{personId}/next-step/done": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say that the next step is done */
        post: operations["endStep"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{personId}/notes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Add a note for the care team only
         * @description No partner and no EHR gets it, and it is never printed.
         */
        post: operations["addNote"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/covers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is away, who covers for them, and until when */
        get: operations["listCovers"];
        put?: never;
        /** Record who covers for somebody; one that stands for them is replaced */
        post: operations["addCover"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/covers/{coverId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a cover before its day */
        delete: operations["endCover"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/referrals/{referralId}/close": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End a referral by hand
         * @description What is out comes back, and its partner reads nothing more. `no-longer-wanted` is recorded as the person's no to this help. `died` stops everything outgoing for the person, over all their referrals.
         */
        post: operations["closeByHand"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/referrals/{referralId}/partner": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Choose the partner of a referral, or another one than has it
         * @description It approves the need for this partner alone. What is out at another partner comes back first. 400 names `partner` and the rule: a place to keep out, `not-this-place`, `had-turn`, or one that does not serve the need. Consent for this partner is needed as for any other.
         */
        put: operations["choosePartner"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/referrals/{referralId}/send-anyway": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a referral go out although the same need of the person is under way
         * @description All other gates stay. 409 where it has ended, or nothing of this need is under way.
         */
        post: operations["sendAnyway"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/referrals/{referralId}/list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Record that a person was given a list of up to three places
         * @description Nothing is sent. The referral waits until the person says what became of it.
         */
        post: operations["giveList"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/referrals/{referralId}/list/said": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Record what the person says became of their list
         * @description `helped` ends the referral, `not-helped` puts it back for review, and `no-longer-wanted` is a no.
         */
        post: operations["recordSaidOfList"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{personId}/death": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Say that a report of a person's death was wrong
         * @description Referrals that ended by it stay ended; a new need opens a new one.
         */
        delete: operations["correctDeath"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{personId}/needs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Add a need that no form asked about
         * @description It becomes a referral like any other and goes through the same gates. 409 with `already-open` where the person has an open referral for this need. A need about safety is not in the catalog.
         */
        post: operations["addNeed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/due-lists": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Open a need for each row of a due list, all or none
         * @description As `csv` with the first line `who,what,by` (MRN or id of the Patient, a need of the catalog, `2026-12-31` or nothing), or as a FHIR `group` whose `code` is the need, whose members are Patients, and where the end of a member's period is by when. 400 names each row that cannot be used as `/rows/3/who` with its rule: `unknown-person`, `several-people`, `unknown-need`, `date`, `past`, `too-far`. Nothing is recorded then.
         */
        post: operations["recordDueList"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{personId}/household": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Record who lives with a person, as they say
         * @description No chart is looked for by it, and nobody is linked by address or phone.
         */
        put: operations["recordHousehold"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{personId}/guardian": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Link a minor child to their guardian
         * @description The only link between the charts of two people. Brothers and sisters then have one referral for the same need, and share the tries to reach the family. 400 names `guardian` and the rule: `unknown`, `other`, `no-minor` or `no-adult`, by the birth dates in the charts.
         */
        put: operations["linkGuardian"];
        post?: never;
        /** End the links of a child to their guardians */
        delete: operations["endGuardian"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/contact-incidents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tries in which somebody else was told why we called, or a message was left that was not allowed */
        get: operations["listContactIncidents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keep-outs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Keep-outs that match no partner and that nobody has resolved, without their words */
        get: operations["listUnresolvedKeepOuts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        NewId: {
            id: components["schemas"]["Uuid"];
        };
        NewOwner: {
            /** @description A name of the care team, such as `ada`; `me` for whoever asks; left out for nobody */
            owner?: string;
            /** @description What they have to know; for the care team only */
            note?: string;
        };
        NewStep: {
            /** @description For the care team only */
            step: string;
            /** @description The day at the site, today or within a year */
            on: string;
        };
        NewNote: {
            /** @description For the care team only */
            text: string;
        };
        NewCover: {
            /** @description A name of the care team, or `me` */
            away: string;
            /** @description A name of the care team, or `me` */
            cover: string;
            /** @description The last day of it at the site */
            until: string;
        };
        Covers: {
            covers: {
                id: components["schemas"]["Uuid"];
                away: string;
                cover: string;
                until: string;
            }[];
        };
        Work: {
            owner: string | null;
            /** @description Who covers for the owner today */
            cover: null | {
                cover: string;
                until: string;
            };
            /** @description The latest first */
            handedOver: {
                owner: string | null;
                note: string | null;
                by: string;
                /** Format: date-time */
                at: string;
            }[];
            nextStep: null | {
                step: string;
                on: string;
            };
            /** @description The latest first */
            notes: {
                id: components["schemas"]["Uuid"];
                text: string;
                by: string;
                /** Format: date-time */
                at: string;
            }[];
        };
        CloseByHand: {
            /** @enum {string} */
            why: "helped-elsewhere" | "no-longer-wanted" | "not-reached" | "moved" | "died";
            /** @description The day on which it was heard or seen, at the site; today where it is left out */
            on?: string;
            /** @description For the care team only */
            note?: string;
        };
        ChosenPartner: {
            /** @description Organization id of a partner in the directory */
            partner: string;
        };
        NewGivenList: {
            /** @description Organization ids of the directory */
            partners: string[];
            /** @enum {string} */
            way: "printed" | "read-aloud";
        };
        SaidOfList: {
            /** @enum {string} */
            said: "helped" | "not-helped" | "no-longer-wanted";
            /** @description The day on which they said it; today where it is left out */
            on?: string;
        };
        NewNeed: {
            /** @description A code of the catalog: an SDOHCC category that tells nothing about safety, `free-screening`, `telehealth-help`, `class` or `help-with-bills` */
            need: string;
            /** @enum {string} */
            saidBy: "person" | "guardian" | "agent" | "clinician";
            /** @description The day at the site, not in the future */
            saidOn: string;
            /** @description The date by which it must happen, if there is one; it limits every deadline of the referral */
            mustBy?: string;
            /** @description For the care team only */
            words?: string;
        };
        NewDueList: {
            /** @description The EHR that the people are in */
            connection: string;
            csv?: string;
            /** @description A FHIR R4 Group */
            group?: Record<string, never>;
        };
        DueResult: {
            /** @description How many needs were opened */
            opened: number;
            /** @description How many had an open referral already */
            already: number;
        };
        NewHousehold: {
            /** @description How many live there, the person included */
            size: number;
            /** @description In whole years */
            ages?: number[];
            /** @description The day at the site; today where it is left out */
            saidOn?: string;
        };
        NewGuardian: {
            guardian: components["schemas"]["Uuid"];
            /** @description The day on which they said it; today where it is left out */
            saidOn?: string;
        };
        /** @enum {string} */
        NoKind: "not-now" | "not-this-help" | "not-this-place" | "dont-ask-again";
        /** @enum {string} */
        NoSayer: "person" | "guardian" | "agent";
        NewNo: {
            kind: components["schemas"]["NoKind"];
            /** @description SDOHCC category code */
            category?: string;
            /** @description Id of the Organization */
            partner?: string;
            until?: string;
            /** @description The day at the site */
            saidOn: string;
            saidBy?: components["schemas"]["NoSayer"];
            /** @description Who heard it; whoever records it, where it is left out */
            saidTo?: string;
            /** @description For the care team only */
            note?: string;
        };
        RecordedNo: {
            id: components["schemas"]["Uuid"];
            /** @enum {string} */
            result: "recorded" | "same";
        };
        No: {
            id: components["schemas"]["Uuid"];
            kind: components["schemas"]["NoKind"];
            category: string | null;
            partner: string | null;
            until: string | null;
            saidOn: string;
            saidBy: components["schemas"]["NoSayer"];
            /** @description A name, or `partner:<id>` */
            saidTo: string;
            note: string | null;
            recordedBy: string;
            /** Format: date-time */
            recordedAt: string;
            /** @description The day on which the person brought it up again */
            broughtUpOn: string | null;
            stands: boolean;
        };
        Nos: {
            nos: components["schemas"]["No"][];
        };
        BroughtUp: {
            on: string;
        };
        /** @enum {string} */
        ContactChannel: "call" | "text" | "email" | "letter" | "relay" | "inPerson" | "clinic";
        /** @enum {string} */
        TryOutcome: "spoke" | "no-answer" | "left-message" | "someone-else" | "wrong-number" | "not-made";
        NewTry: {
            channel: components["schemas"]["ContactChannel"];
            category?: string;
            outcome?: components["schemas"]["TryOutcome"];
            saidWhy?: boolean;
            note?: string;
        };
        TryEnd: {
            outcome: components["schemas"]["TryOutcome"];
            /** @description Somebody else answered and was told why we called; required with `someone-else` and `wrong-number` */
            saidWhy?: boolean;
            note?: string;
        };
        ReservedTry: {
            id: components["schemas"]["Uuid"];
            /** @description Tries that are left after this one */
            left: number;
            /** @description Name the clinic, and nothing of why */
            onlyClinic: boolean;
            mayLeaveMessage: boolean;
            /** @description The only way that holds, in the words of the person; absent where there is none */
            safeWay?: string;
        };
        RecordedTry: {
            /** @enum {string} */
            result: "recorded";
        };
        ContactIncident: {
            id: components["schemas"]["Uuid"];
            person: components["schemas"]["Uuid"];
            day: string;
            channel: components["schemas"]["ContactChannel"];
            outcome: components["schemas"]["TryOutcome"];
            saidWhy: boolean | null;
            recordedBy: string | null;
        };
        UnresolvedKeepOut: {
            id: components["schemas"]["Uuid"];
            person: components["schemas"]["Uuid"];
            askedBy: string;
            /** Format: date-time */
            askedAt: string;
        };
        UnresolvedKeepOuts: {
            keepOuts: components["schemas"]["UnresolvedKeepOut"][];
        };
        ContactIncidents: {
            incidents: components["schemas"]["ContactIncident"][];
        };
        /** @enum {string} */
        Gate: "saidNo" | "review" | "withoutHelp" | "agreement" | "consent" | "noServiceCode";
        ReachChoice: {
            /** @description Allowed ways, the one that the person likes best first; `clinic` stands alone */
            ways: ("call" | "text" | "email" | "letter" | "relay" | "inPerson" | "clinic")[];
            /** @description One phone number that the person gave for this, with its extension; needed to call, text or use a relay */
            phone?: string;
            /** @enum {string} */
            phoneOwner?: "self" | "shared" | "other";
            email?: string;
            letterTo?: string;
            meet?: {
                place: string;
                day: string;
            };
            hours?: string;
            /** @description A message may be left */
            voicemail: boolean;
            /**
             * @description `clinicOnly`: the name of the clinic, and no reason
             * @enum {string}
             */
            mayBeSaid: "clinicOnly" | "aboutHelp";
            /** @enum {string} */
            reading: "reads" | "hears";
            interpreter?: {
                /** @description A language, or ASL */
                language: string;
                dialect?: string;
                /** @enum {string} */
                gender?: "woman" | "man";
                /** @constant */
                notFromCommunity?: true;
            };
            /** @description Partners that help may have the number or e-mail address */
            forPartners: boolean;
        };
        ReachChange: {
            /**
             * Format: uuid
             * @description Id of the answer that was shown; null for none
             */
            instead: string | null;
            /**
             * Format: date-time
             * @description When the person said it; now if left out
             */
            answeredAt?: string;
            /** @description They were alone with whoever asked. Needed for whoever bears the mark *See first*; beside a safe way an answer counts only if true */
            askedAlone?: boolean;
            choice: components["schemas"]["ReachChoice"];
            /** @description Places or people to keep out as well */
            keepOut?: string[];
            /** @description Ids of keep-outs that the person has taken back */
            allowAgain?: components["schemas"]["Uuid"][];
        };
        Reach: {
            /** Format: uuid */
            person: string;
            /**
             * @description Nothing goes out to a person unless `active`. `changed`: numbers or addresses of the record have changed since the person was asked
             * @enum {string}
             */
            standing: "active" | "deceased" | "inactive" | "merged" | "changed";
            recorded: null | {
                /** Format: uuid */
                id: string;
                choice: components["schemas"]["ReachChoice"];
                /** Format: date-time */
                answeredAt: string;
                askedBy: string;
                askedAlone: boolean;
            };
            askAgain: {
                /** @constant */
                due: true;
                /** @enum {string} */
                why: "never-asked" | "answer-is-old" | "record-changed";
            } | {
                /** @constant */
                due: false;
                /** Format: date-time */
                from: string;
            };
            keepOuts: {
                /** Format: uuid */
                id: string;
                words: string;
                /** @description Partners that are meant; null while nobody has said it, and nothing goes out */
                partners: string[] | null;
            }[];
        };
        ReviewPage: {
            items: components["schemas"]["ReviewItem"][];
            /** @description Cursor of the next page; absent on the last one */
            next?: string;
        };
        ReviewItem: {
            /** Format: uuid */
            id: string;
            /** @description Changes with the answers that the need rests on, and with each decision of a person; not with what the workers do */
            version: string;
            /** @description SDOHCC category code */
            category: string;
            /** @enum {string} */
            state: "waiting" | "partner" | "closed" | "failed" | "withdrawn";
            gate: string | null;
            /** @description When the latest positive answer was given */
            since: string;
            unambiguous: boolean;
            sensitive: boolean;
            /**
             * @description The need rests on something with a restricting security label. `one-recipient`: a signed-in person approves it by itself, with a `recipient`. `named-consent` (ETH, 42CFRPart2): it stays, until a consent can name the partner
             * @enum {string|null}
             */
            restriction: "one-recipient" | "named-consent" | null;
            /** @description The only partner (Organization id) that it may go to */
            recipient: string | null;
            /** @description What cannot wait, in a few words; never an answer about safety */
            danger: string | null;
            /** @description The mark See first: an answer about safety, or a need that cannot wait: this one or another */
            seeFirst: boolean;
            /** @description Day on which it is listed again */
            postponedUntil: string | null;
            withoutHelp: components["schemas"]["WithoutHelp"];
            endedReason: components["schemas"]["EndedReason"];
            /** @description In the lists of other states than waiting: at which partners it is or was */
            tasks?: components["schemas"]["Attempt"][];
            person: components["schemas"]["Person"];
            conditions: components["schemas"]["Condition"][];
        };
        Attempt: {
            /** Format: uuid */
            id: string;
            partner: string;
            status: string;
            live: boolean;
        };
        /**
         * @description Why a referral that is withdrawn has ended: what was taken back, or what the record says of the person
         * @enum {string|null}
         */
        EndedReason: "refused" | "agreement-withdrawn" | "consent-revoked" | "consent-unclear" | "consent-expired" | "said-no" | "not-this-place" | "restricted" | "kept-out" | "undone" | "partner-changed" | "helped-elsewhere" | "no-longer-wanted" | "not-reached" | "moved" | "person-died" | "person-merged" | "person-inactive" | null;
        Record: {
            /**
             * @description Whether anything may go out for the person; `unclear`: it cannot be read, and nothing goes out until the chart says so
             * @enum {string}
             */
            standing: "stands" | "died" | "merged" | "inactive" | "unclear";
            /**
             * @description No policy approves for a minor, nor where the age is not known
             * @enum {string}
             */
            age: "adult" | "minor" | "unknown";
        };
        /** @description Null unless the referral waits because nobody could help */
        WithoutHelp: null | {
            /** @enum {string} */
            reason: "all-declined" | "silent" | "partner-failed" | "cancelled-by-partner" | "rejected-after-acceptance" | "handed-back" | "handed-over" | "person-declined" | "wrong-contact" | "unable-to-reach" | "did-not-come" | "given-up-by-operator" | "outcome-doubted";
            /** @description RFC 3339 instant */
            since: string;
            /** @enum {string} */
            owner: "reviewer";
            /** @description RFC 3339 instant: when the operators are told, unless a person has decided */
            decideBy: string | null;
            overdue: boolean;
            /**
             * @description Who has been told that it is overdue
             * @enum {string|null}
             */
            told: "operator" | null;
        };
        ReviewDetail: {
            /** Format: uuid */
            id: string;
            /** @description Changes with the answers that the need rests on, and with each decision of a person; not with what the workers do */
            version: string;
            /** @description SDOHCC category code */
            category: string;
            /** @enum {string} */
            state: "waiting" | "partner" | "closed" | "failed" | "withdrawn";
            gate: string | null;
            /** @description When the latest positive answer was given */
            since: string;
            unambiguous: boolean;
            sensitive: boolean;
            /**
             * @description The need rests on something with a restricting security label. `one-recipient`: a signed-in person approves it by itself, with a `recipient`. `named-consent` (ETH, 42CFRPart2): it stays, until a consent can name the partner
             * @enum {string|null}
             */
            restriction: "one-recipient" | "named-consent" | null;
            /** @description The only partner (Organization id) that it may go to */
            recipient: string | null;
            /** @description What cannot wait, in a few words; never an answer about safety */
            danger: string | null;
            /** @description The mark See first: an answer about safety, or a need that cannot wait: this one or another */
            seeFirst: boolean;
            /** @description Day on which it is listed again */
            postponedUntil: string | null;
            withoutHelp: components["schemas"]["WithoutHelp"];
            endedReason: components["schemas"]["EndedReason"];
            person: components["schemas"]["Person"];
            conditions: components["schemas"]["Condition"][];
            record: components["schemas"]["Record"];
            approvedBy: string | null;
            agreement: null | {
                on: string;
                source: string | null;
            };
            /** @description Orders and Goals in the chart that would count as the person's agreement, and do not */
            agreementDoubts: {
                /** @description Type and id in the EHR */
                source: string;
                /** @description A sentence that names the element */
                why: string;
            }[];
            /** @description How consent to share stands for this referral, by the function that the gate asks */
            consent: {
                /**
                 * @description `unclear`: something in a Consent cannot be read or is not evaluated, and nothing goes out on it. `permits-others`: a consent counts, but for no partner that could be asked
                 * @enum {string}
                 */
                state: "permits" | "permits-others" | "signed-no" | "ran-out" | "withdrawn" | "none" | "unclear";
                signed: string | null;
                /** @description RFC 3339 instant */
                until: string | null;
                /** @description A partner's id, or `any` */
                recipient: string | null;
                /** @description The words on the form; they limit nothing */
                scope: string | null;
                askedBy: string | null;
                recordedBy: string | null;
                /** @description `system|code`, words, or an address */
                policy: string | null;
                /** @description For `unclear`: a sentence that names the element */
                why: string | null;
                /** @description What a consent says that was recorded whole. Partners read exactly its elements */
                whole?: {
                    signer?: string;
                    /** @enum {string} */
                    authority?: "self" | "parent" | "guardian" | "agent";
                    /** @enum {string} */
                    method?: "paper" | "e-signature" | "in-chart" | "spoken";
                    document?: string;
                    places?: string[];
                    kind?: string;
                    except: string[];
                    elements: string[];
                    householdSize?: number;
                    partTwo?: boolean;
                    /** @description The author of the policy by which a spoken yes counted */
                    spokenPolicyBy?: string;
                };
                /** @description Ids of the partners for this help that the person keeps out or does not want, whatever a consent says */
                keptOut?: string[];
                /** @description No partner of the directory is left that helps with this need and that the person does not keep out */
                nobodyLeft?: boolean;
                /** @description When the person took every consent back, over all referrals; only a consent that is signed later counts */
                everythingTakenBackAt?: string;
            };
            decisions: {
                decision: string;
                principal: string;
                /** @description RFC 3339 instant */
                at: string;
            }[];
            tasks: {
                /** Format: uuid */
                id: string;
                partner: string;
                status: string;
                live: boolean;
                /**
                 * @description Of a completed Task: `helped` where the partner shows what it did
                 * @enum {string|null}
                 */
                outcome: "helped" | "no-outcome" | "outcome-doubted" | null;
            }[];
            /** @description Whom `askNext` may have asked, where nobody could help so far: partners that serve the need and have not had their turn. Empty where the person does not want this help */
            nextPartners: {
                /** @description Organization id in the directory */
                id: string;
                name: string;
            }[];
            /** @description What partners said, in order, in their own words. Words never leave Loopwell for an EHR, another partner or a report. */
            partnerAnswers: components["schemas"]["PartnerAnswer"][];
            /** @description What else the person was or is referred for, latest first, also under other Patients that are the same person */
            otherReferrals: {
                /** Format: uuid */
                id: string;
                category: string;
                /** @enum {string} */
                state: "waiting" | "partner" | "closed" | "failed" | "withdrawn";
                gate: string | null;
                since: string;
                /** @description It has been with a partner */
                sent: boolean;
                /**
                 * Format: uuid
                 * @description Our id of the Patient that it is about (`patients`)
                 */
                patient: string;
            }[];
            /** @description The Patients of EHRs that are the same person, the one of this referral among them. Empty for a Patient that was not pulled */
            patients: {
                /**
                 * Format: uuid
                 * @description Our id of the Patient
                 */
                id: string;
                connection: string;
                /** @description Its id in the EHR */
                patientId: string;
                /** @description Why `Patient.link` of this Patient is not followed, for example `link-in-circle` */
                linkProblem: string | null;
            }[];
            /** @description What the EHR refused to take of this referral */
            refusedWrites: {
                /** @description Type, with its id in the EHR where it has one there */
                resource: string;
                status: number | null;
                code: string | null;
                /** @description The EHR's own words. They may be about the person */
                words: string | null;
                /** Format: date-time */
                at: string;
            }[];
            /** @description Screenings of the person that ask somebody to look at them, with who has looked, when, and their notes */
            screenings: components["schemas"]["Screening"][];
            /** @description What the EHR took of this referral and stores otherwise than it was sent */
            alteredWrites: {
                /** @description Type, with its id in the EHR */
                resource: string;
                /** @description It said what nobody said, and was marked as entered in error there */
                takenBack: boolean;
                elements: {
                    element: string;
                    /** @description JSON of the element as it was sent */
                    sent: string;
                    /** @description JSON of the element as the EHR has it; null where it has none */
                    found: string | null;
                }[];
                /** Format: date-time */
                at: string;
            }[];
            /** @description What the person has answered so far, latest first, as the present tables read it */
            answers: {
                instrument: string;
                authored: string;
                /** @description Question and answer in short words */
                said: string;
                /** @enum {string} */
                meaning: "need" | "none" | "declined" | "unread" | "other";
                restricted: boolean;
                categories: string[];
                source: string;
            }[];
        };
        AnswerByPhone: {
            /** @enum {string} */
            status: "received" | "accepted" | "in-progress" | "on-hold" | "completed" | "rejected" | "failed" | "cancelled";
            /** @description Why, in the words of the partner */
            reason?: string;
            /**
             * @description What they said of the person. `person-declined` is the person's no to this help; `unable-to-reach` and `wrong-contact` are a try to reach them, which takes from their budget
             * @enum {string}
             */
            reasonCode?: "person-declined" | "wrong-contact" | "unable-to-reach" | "did-not-come";
            /** @description What else was said */
            note?: string;
            /** @description Who said it, at the partner */
            saidBy: string;
            /**
             * Format: date-time
             * @description RFC 3339 instant at which it was said
             */
            at: string;
            /** @enum {string} */
            by: "phone";
        };
        RecordedAnswer: {
            /** @enum {string} */
            result: "recorded" | "same";
        };
        HelpAnswer: {
            /** @description Whether the person says that it helped */
            helped: boolean;
            /**
             * Format: date
             * @description The day on which they said it, not in the future
             */
            saidOn: string;
            /** @description Who asked them */
            askedBy: string;
        };
        RecordedHelp: {
            /** @enum {boolean} */
            recorded: true;
        };
        RemovedWords: {
            /** @enum {string} */
            result: "removed";
        };
        DoneBy: {
            /** @description RFC 3339 instant */
            at: string;
            /** @description The principal here, or the name of the person at the partner */
            by: string | null;
        } | null;
        PartnerAnswer: {
            /** @description The number of the answer */
            id: number;
            task: components["schemas"]["Uuid"];
            /** @description The button that said it (docs/partner-answers.md); null where it came by another door */
            button: string | null;
            /** @description What was typed beside the button, without the note */
            fields: {
                [key: string]: string;
            };
            /** @description RFC 3339 instant at which it counts, while it can still be undone; null otherwise */
            countsAt: string | null;
            undone: components["schemas"]["DoneBy"];
            wordsRemoved: components["schemas"]["DoneBy"];
            /** @description RFC 3339 instant at which it was received */
            at: string;
            /** @description RFC 3339 instant at which it was said, where that is known */
            saidAt: string | null;
            /** @description `fhir-rest`: read from the copy on the partner's server; `hub`: written by the partner at our address; `manual`: said to a person here, who recorded it; or the id of another channel */
            door: string;
            /** @description `partner:` and the id of the Organization */
            who: string;
            /** @description The person at the partner who said it, where the door asks for that */
            saidBy: string | null;
            /** @description The principal that brought it here */
            recordedBy: string;
            /** @description Whether the Task has been moved by it, or nothing was to be moved */
            isTaken: boolean;
            /** @description Other messages that said the same. They changed nothing */
            repeats: {
                door: string;
                /** @description The principal that brought it here */
                by: string;
                /** @description RFC 3339 instant */
                at: string;
            }[];
            /** @description Task.status as the partner wrote it; `unreadable` where it is no text */
            status: string;
            /** @description Words of statusReason */
            reason: string | null;
            /** @description All notes together */
            note: string | null;
            /** @description The notes one by one. Empty where the Task was too large to keep whole, or its words were erased */
            notes: {
                text: string;
                /** @description As the partner wrote it: a name, or a reference into its server */
                author: string | null;
                time: string | null;
            }[];
            businessStatus: string | null;
            /** @description Codes of statusReason and businessStatus that hold no words */
            codes: {
                system: string;
                code: string;
            }[];
            /** @description Why a person has to look at the Task */
            odd: ("not-a-task" | "not-understood" | "other-person" | "other-order" | "other-receipt" | "other-owner")[];
            outputs: {
                /** @description Words or code of Task.output.type */
                type: string | null;
                /** @description What it says, in words */
                value: string | null;
                reference: string | null;
                /** @description The resource that it refers to, as it was read; null where there is none or it is too large */
                resource: {
                    [key: string]: unknown;
                } | null;
                /**
                 * @description Why a reference led to nothing
                 * @enum {string|null}
                 */
                unread: "elsewhere" | "not-there" | "unreadable" | "too-many" | null;
            }[];
        };
        Person: {
            /**
             * Format: uuid
             * @description Our id of the person; no name leaves by this API
             */
            id: string;
        };
        Condition: {
            /** @description An id of ours, or `Condition/<id>` of the EHR */
            id: string;
            /** @enum {string} */
            origin: "suggested" | "ehr";
            display: string;
            codes: {
                system: string;
                code: string;
                display: string;
            }[];
            /** @description Who chose the code, where a person did */
            chosenBy: string | null;
            /** @description What was suggested, where a person chose another code */
            suggested: string | null;
            evidence: {
                sentence: string;
                rule: string;
                ruleVersion: string;
                /** @description The resource that carries the answer */
                source: string;
                /** @description Codes that follow, with the version of each code system */
                codes: {
                    system: string;
                    code: string;
                    version: string;
                }[];
            }[];
        };
        /**
         * Format: uuid
         * @description Without `urn:uuid:` before it
         */
        Uuid: string;
        /** @description What a reviewer decides about referrals, one or many */
        Decision: {
            referrals: components["schemas"]["Uuid"][];
            /** @description Version by referral, as it was shown; a version that is not the present one is refused */
            versions?: {
                [key: string]: string;
            };
            /** @enum {string} */
            decision: "approve";
            /**
             * Format: date
             * @description The day on which the person brought it up; needed where they said no to this help
             */
            broughtUpOn?: string;
            also?: components["schemas"]["AlsoDecided"];
            /** @description Words of the reviewer; personal data */
            reason?: string;
            /** @description Organization id of a partner in the directory */
            recipient?: string;
        } | {
            referrals: components["schemas"]["Uuid"][];
            /** @description Version by referral, as it was shown; a version that is not the present one is refused */
            versions?: {
                [key: string]: string;
            };
            /** @enum {string} */
            decision: "refuse";
            /** @description Words of the reviewer; personal data */
            reason: string;
            kind?: components["schemas"]["NoKind"];
            /** @description Id of the Organization; `not-this-place` only */
            partner?: string;
            /**
             * Format: date
             * @description From when they may be asked again; `not-now` only
             */
            until?: string;
            /**
             * Format: date
             * @description The day on which it was said; today if left out
             */
            saidOn?: string;
            /**
             * @description Who said no. Without it and the other fields about a no, the reason decides: one that says that the person does not want help is their no to this help. `staff`: nobody said no
             * @enum {string}
             */
            saidBy?: "person" | "guardian" | "agent" | "staff";
            /** @description Who heard it; whoever records it if left out */
            saidTo?: string;
        } | {
            referrals: components["schemas"]["Uuid"][];
            /** @description Version by referral, as it was shown; a version that is not the present one is refused */
            versions?: {
                [key: string]: string;
            };
            /** @enum {string} */
            decision: "postpone";
            /** @description Words of the reviewer; personal data */
            reason?: string;
            /**
             * Format: date
             * @description A later day
             */
            until: string;
        } | {
            referrals: components["schemas"]["Uuid"][];
            /** @description Version by referral, as it was shown; a version that is not the present one is refused */
            versions?: {
                [key: string]: string;
            };
            /** @enum {string} */
            decision: "chooseCode";
            /** @description Words of the reviewer; personal data */
            reason?: string;
            condition: components["schemas"]["Uuid"];
            code: string;
        } | {
            referrals: components["schemas"]["Uuid"][];
            /** @description Version by referral, as it was shown; a version that is not the present one is refused */
            versions?: {
                [key: string]: string;
            };
            /** @enum {string} */
            decision: "agree";
            /** @description Tag of the language in which the person was asked, such as hmn; that of the record, where it is left out */
            askedIn?: string;
            /**
             * @description Who interpreted; what the record says of it, where it is left out
             * @enum {string}
             */
            interpreter?: "none" | "professional" | "staff" | "other";
            /**
             * @description Who said yes. Without it the yes for a person under age is kept and waits at its gate
             * @enum {string}
             */
            agreedBy?: "self" | "parent" | "guardian" | "agent";
            /**
             * @description The service to which a minor agrees alone by the law of the state of the site; with `agreedBy` `self` only. Nothing of it is written to the EHR
             * @enum {string}
             */
            minorService?: "health" | "pregnancy" | "sexual-health" | "substance-use" | "emergency" | "hepatitis-b-vaccine";
            /**
             * @description What makes the minor able to agree alone; `any` if left out
             * @enum {string}
             */
            minorSituation?: "any" | "lives-apart" | "married-or-parent";
            /**
             * Format: date
             * @description The day on which the person brought it up; needed where they said no to this help. `agreedOn` is not before it, nor before the no. After `withdrawAgreement` without `kind`, a yes of that day or later needs none
             */
            broughtUpOn?: string;
            also?: components["schemas"]["AlsoDecided"];
            /** @description Words of the reviewer; personal data */
            reason?: string;
            /**
             * Format: date
             * @description A day, not in the future
             */
            agreedOn: string;
            /**
             * Format: date
             * @description The date by which this must happen, if there is one; it limits every deadline of the referral
             */
            mustBy?: string;
            askedBy: string;
        } | {
            referrals: components["schemas"]["Uuid"][];
            /** @description Version by referral, as it was shown; a version that is not the present one is refused */
            versions?: {
                [key: string]: string;
            };
            /** @enum {string} */
            decision: "withdrawAgreement";
            /** @description Words of the reviewer; personal data */
            reason?: string;
            kind?: components["schemas"]["NoKind"];
            /** @description Id of the Organization; `not-this-place` only */
            partner?: string;
            /**
             * Format: date
             * @description From when they may be asked again; `not-now` only
             */
            until?: string;
            /**
             * Format: date
             * @description The day on which it was said; today if left out
             */
            saidOn?: string;
            /**
             * @description Who said no; the person if left out
             * @enum {string}
             */
            saidBy?: "person" | "guardian" | "agent";
            /** @description Who heard it; whoever records it if left out */
            saidTo?: string;
        } | {
            referrals: components["schemas"]["Uuid"][];
            /** @description Version by referral, as it was shown; a version that is not the present one is refused */
            versions?: {
                [key: string]: string;
            };
            /** @enum {string} */
            decision: "recordConsent";
            also?: components["schemas"]["AlsoDecided"];
            /** @description Words of the reviewer; personal data */
            reason?: string;
            /** @description When it was signed */
            dateTime: string;
            /** @description Until when it counts */
            until?: string;
            /** @description The words on the form */
            scope?: string;
            askedBy: string;
            /** @description Organization id of a partner in the directory, or `any`; not beside `places` or `kind` */
            recipient?: string;
            /** @description Who signed; with `self` it may be left out, and then it is the name in the chart. With any of the fields from here on the consent is recorded whole: signer, authority, method, document (but for `spoken`), elements, and either places or kind */
            signer?: string;
            /**
             * @description By which right they signed; `parent` counts for a minor only
             * @enum {string}
             */
            authority?: "self" | "parent" | "guardian" | "agent";
            /**
             * @description `spoken` is refused unless the site has a written policy (`spokenConsentPolicy` of the site)
             * @enum {string}
             */
            method?: "paper" | "e-signature" | "in-chart" | "spoken";
            /** @description Where the signed form is */
            document?: string;
            /** @description Organization ids of the partners that the form names */
            places?: string[];
            /** @description A category of help: every partner of the directory that gives it. It is the category of the referral; `each-need` means the category of each referral */
            kind?: string;
            /** @description Organization ids of the partners that the person excludes; they are refused whatever else permits */
            except?: string[];
            /** @description What partners may read of the person beside the need. `name` is always among them */
            elements?: ("name" | "contact" | "language" | "household" | "address" | "birth-date")[];
            /** @description How many people live with the person, themselves included; with `household` only */
            householdSize?: number;
            /** @description The form is about substance use treatment records (42 CFR Part 2); then it names places */
            partTwo?: boolean;
        } | {
            referrals: components["schemas"]["Uuid"][];
            /** @description Version by referral, as it was shown; a version that is not the present one is refused */
            versions?: {
                [key: string]: string;
            };
            /** @enum {string} */
            decision: "withdrawConsent";
            /** @description Words of the reviewer; personal data */
            reason?: string;
            /** @description The person takes back every consent: all referrals of the same person, over all their Patients and EHRs, and those that are made later. Only a consent that is signed afterward counts */
            everything?: boolean;
        } | {
            referrals: components["schemas"]["Uuid"][];
            /** @description Version by referral, as it was shown; a version that is not the present one is refused */
            versions?: {
                [key: string]: string;
            };
            /** @enum {string} */
            decision: "chooseService";
            also?: components["schemas"]["AlsoDecided"];
            /** @description Words of the reviewer; personal data */
            reason?: string;
            serviceCode: string;
        } | {
            referrals: components["schemas"]["Uuid"][];
            /** @description Version by referral, as it was shown; a version that is not the present one is refused */
            versions?: {
                [key: string]: string;
            };
            /** @enum {string} */
            decision: "askNext";
            /**
             * Format: date
             * @description The day on which the person brought it up; needed where they said no to this help
             */
            broughtUpOn?: string;
            /** @description Words of the reviewer; personal data */
            reason?: string;
            /** @description Organization id of a partner in the directory */
            recipient?: string;
            /** @description Partners that had their turn may be asked once more */
            askAgain?: boolean;
        } | {
            referrals: components["schemas"]["Uuid"][];
            /** @description Version by referral, as it was shown; a version that is not the present one is refused */
            versions?: {
                [key: string]: string;
            };
            /** @enum {string} */
            decision: "closeWithoutHelp";
            /** @description Words of the reviewer; personal data */
            reason: string;
        } | {
            referrals: components["schemas"]["Uuid"][];
            /** @description Version by referral, as it was shown; a version that is not the present one is refused */
            versions?: {
                [key: string]: string;
            };
            /** @enum {string} */
            decision: "sendNow";
            /** @description Words of the reviewer; personal data */
            reason?: string;
        } | {
            referrals: components["schemas"]["Uuid"][];
            /** @description Version by referral, as it was shown; a version that is not the present one is refused */
            versions?: {
                [key: string]: string;
            };
            /** @enum {string} */
            decision: "openAgain";
            /** @description Words of the reviewer; personal data */
            reason?: string;
            /**
             * Format: date
             * @description The day on which the person brought it up, not in the future
             */
            broughtUpOn?: string;
            /** @description Partners that had their turn may be asked once more */
            askAgain?: boolean;
        };
        /** @description Further decisions about the same referrals, recorded together with the first one or not at all. Each has the fields that it has alone, but for `referrals` and `versions`, and each kind is given once */
        AlsoDecided: {
            /** @enum {string} */
            decision: "approve" | "agree" | "recordConsent" | "chooseService";
        }[];
        UndoRequest: {
            request: components["schemas"]["Uuid"];
            /** @description Referrals of the request whose decision is undone; the rest stays. All where it is left out */
            referrals?: components["schemas"]["Uuid"][];
        };
        Undone: {
            /** Format: uuid */
            request: string;
            /** @description Referrals of which nothing had gone out: all is as before */
            undone: string[];
            /** @description Referrals whose send was claimed: the Task is taken back, and they wait for review */
            recalled: string[];
            /** @description Those of `recalled` whose partner had said yes already. Call it */
            answered: string[];
            /** @description Referrals that stay as they are */
            refused: {
                /** Format: uuid */
                referral: string;
                /** @enum {string} */
                rule: "not-yours" | "decided-since" | "answered" | "ended" | "in-chart";
            }[];
            /** @description What cannot be recalled; also of other referrals that the request had opened */
            stays?: components["schemas"]["Unrecallable"][];
        };
        Unrecallable: {
            referral: components["schemas"]["Uuid"];
            partner: string;
            /** @description Null for a partner that has left the directory */
            name: string | null;
            /** @description It lies in a system of the partner, or was told by hand */
            isSent: boolean;
            reads: number;
            /** @description Types that the partner has read */
            types: string[];
            /** Format: date-time */
            lastRead: string | null;
        };
        MustBy: {
            /** @description YYYY-MM-DD at the site, from today on; null for none */
            mustBy: string | null;
        };
        Screening: {
            /** Format: uuid */
            id: string;
            person: components["schemas"]["Person"];
            /** @description The mark See first: an answer about safety, or a need that cannot wait */
            seeFirst: boolean;
            instrument: string;
            authored: string;
            encounter: string | null;
            /** @description Changes with what it asks somebody to look at */
            version: string;
            /** @description Who has looked at it before something new was found in it */
            looks: {
                by: string;
                /** @description RFC 3339 instant */
                at: string;
                /** @description Words of whoever looked; personal data */
                note: string | null;
            }[];
            issues: {
                /** @enum {string} */
                severity: "information" | "warning" | "error";
                code: string;
                text: string;
                source: string;
                place?: string;
                category?: string;
                /** @description Somebody may come to harm soon: what */
                danger?: string;
            }[];
        };
        OnDuty: {
            version: number;
            people: components["schemas"]["OnDutyPerson"][];
            /** @description The number to call, which each message names */
            phone: string | null;
            /** @description A mail server is set up; otherwise nobody is told by e-mail */
            hasMail: boolean;
            /** Format: date-time */
            changedAt: string | null;
            changedBy: string | null;
        };
        OnDutyPerson: {
            name: string;
            email?: string;
            webhook?: {
                url: string;
                hasSecret: boolean;
            };
        };
        OnDutyChange: {
            /** @description The version that was changed; left out, whichever there is */
            version?: number;
            phone: string;
            people: {
                name: string;
                email?: string;
                webhook?: {
                    url: string;
                    secret?: string;
                };
            }[];
        };
        DisclosurePage: {
            items: components["schemas"]["Disclosure"][];
            next?: string;
        };
        Disclosure: {
            /**
             * Format: date-time
             * @description When it was sent, and could be read from
             */
            at: string;
            /**
             * Format: uuid
             * @description The human being
             */
            person: string;
            /**
             * Format: uuid
             * @description The Patient that the referral is about
             */
            patient: string;
            partner: string;
            /** @description null: it has left the directory */
            partnerName: string | null;
            /** @description `Patient.name`, or the type alone where all that partners may see of it was shown */
            elements: string[];
            purpose: string | null;
            /** @description The Consent that was judged, with its version */
            consent: string | null;
            approvedBy: string | null;
            /** @description How often the partner read any of it, in the period that is asked for */
            reads: number;
            /** Format: date-time */
            lastRead: string | null;
            /**
             * Format: date-time
             * @description When the person's own data could not be read any more; null while it can
             */
            endedAt: string | null;
            /** @description Who ended it: `person:mai`, `system:task-end`, `system:time-limit` */
            endedBy: string | null;
            /** @description How it went out. What went out by `fhir-rest` is a copy at the partner, too */
            channel: string;
            /**
             * @description `intended`: nobody knows yet whether it arrived
             * @enum {string}
             */
            state: "intended" | "delivered" | "refused" | "abandoned";
            /** Format: uuid */
            referral: string;
            /** Format: uuid */
            task: string;
            /** @description Names of the people at the partner who opened the request at its page; left out for nobody */
            openedBy?: string[];
        };
        ViewPage: {
            items: {
                /** Format: date-time */
                at: string;
                /** @description Who looked */
                by: string;
                /** Format: uuid */
                person: string;
                /** Format: uuid */
                patient: string;
                /** @description The page or route as it is declared */
                page: string;
                /** @enum {string} */
                what: "list" | "search" | "person" | "safety" | "address" | "print" | "copy" | "export";
            }[];
            next?: string;
        };
        SignInPage: {
            items: {
                who: string;
                /** @enum {string} */
                kind: "link" | "session";
                roles: string[];
                /**
                 * Format: date-time
                 * @description When the link was made, or the session opened
                 */
                at: string;
                /** Format: date-time */
                usedAt: string | null;
                /** Format: date-time */
                expiresAt: string | null;
                /** Format: date-time */
                endedAt: string | null;
                endedBy: string | null;
                /** @description It opens something now */
                isOpen: boolean;
            }[];
            next?: string;
        };
        EquityFact: {
            /** @description The month of the answer that the need rests on */
            month: string;
            category: string;
            /** @description The language on record */
            language: string | null;
            needsInterpreter: boolean | null;
            offered: boolean;
            /** @description Nobody asked, since asking could have been the danger */
            notAskedUnsafe: boolean;
            asked: {
                language: string | null;
                interpreter: string | null;
                /** @enum {string} */
                by: "care-team" | "service" | "policy";
            } | null;
            wanted: boolean | null;
            /** @description The kind of the no that stands */
            no: string | null;
            signed: boolean;
            tries: number;
            /** @description A message could not go out, since there is no reviewed text in the language */
            textNotReviewed: boolean;
            helped: {
                partnerSays: boolean;
                /** @description null while nobody has asked the person */
                personSays: boolean | null;
            };
        };
        Erasure: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            person: string;
            principal: string;
            /** @enum {string} */
            reason: "asked" | "order" | "retention";
            /** Format: date-time */
            at: string;
            /** @description Rows by table */
            gone: {
                [key: string]: number;
            };
            stays: {
                /** @description Rows by table, without content */
                rows: {
                    [key: string]: number;
                };
                /** @description Copies that partners keep */
                copies: Record<string, never>[];
                /** @description Resources that EHRs keep */
                inEhr: number;
            };
        };
        /** @enum {string} */
        DemandKind: "subpoena" | "court-order" | "warrant" | "agency" | "attorney" | "other";
        NewLegalDemand: {
            person: components["schemas"]["Uuid"];
            kind: components["schemas"]["DemandKind"];
            /** @description Who demands it */
            demandedBy: string;
            /** @description What they demand */
            askedFor: string;
            /** @description The day on which it came, such as 2026-11-23; not in the future */
            receivedOn: string;
        };
        LegalDemandStep: {
            /** @enum {string} */
            step: "release" | "end";
            /** @description What is released and to whom, or why the demand is over */
            note: string;
        };
        LegalDemand: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            person: string;
            kind: components["schemas"]["DemandKind"];
            /** @description Empty once the person was erased; `askedFor` likewise */
            demandedBy: string;
            askedFor: string;
            receivedOn: string;
            recordedBy: string;
            /** Format: date-time */
            recordedAt: string;
            /** @description Two different people have agreed to the release */
            isReleased: boolean;
            /** @description Two different people have agreed that it is over */
            isOver: boolean;
            agreed: {
                /** @enum {string} */
                step: "release" | "end";
                by: string;
                /** Format: date-time */
                at: string;
                note: string | null;
            }[];
        };
        Restriction: {
            /** Format: uuid */
            person: string;
            isRestricted: boolean;
            owner: string | null;
        };
        Problem: {
            type: string;
            title: string;
            status: number;
            code: string;
            facts?: {
                [key: string]: string | number | boolean | null;
            };
            problems?: {
                path: string;
                rule: string;
            }[];
        };
    };
    responses: {
        /** @description What went wrong */
        Problem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listReviews: {
        parameters: {
            query?: {
                state?: "waiting" | "withoutHelp" | "noPartner" | "hold" | "send" | "partner" | "closed" | "failed" | "refused" | "withdrawn" | "all";
                /** @description Only those at this gate; without it, at all gates that a reviewer opens */
                gate?: components["schemas"]["Gate"];
                limit?: number;
                /** @description From `next` of the page before, sorted alike */
                cursor?: string;
                /** @description Danger comes first in any case, next the other referrals of people to be seen first; then the longest unchanged (`urgency`), or grouped by person or by need */
                sort?: "urgency" | "person" | "need";
                /** @description SDOHCC category code */
                category?: string;
                /** @description Our id of the person */
                person?: components["schemas"]["Uuid"];
                /** @description Those that were postponed to a later day, and no others */
                postponed?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReviewPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    readReview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                referralId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The referral */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReviewDetail"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    setMustBy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                referralId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MustBy"];
            };
        };
        responses: {
            /** @description The date as it is stored */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MustBy"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    decide: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Decision"];
            };
        };
        responses: {
            /** @description Recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * Format: uuid
                         * @description Names this request, for `POST /api/v1/reviews/undo`
                         */
                        request: string;
                        /** @description How many referrals */
                        decided: number;
                        /** @description What a decision about several referrals left out: their person is to be seen first (`seeFirst`), and each of them is decided by itself. Empty where nothing was left out, and always for `withdrawConsent` and `withdrawAgreement` */
                        skipped: {
                            /** Format: uuid */
                            referral: string;
                            /** @enum {string} */
                            reason: "danger";
                        }[];
                        /** @description After `withdrawConsent`: what could not be recalled. What is out is recalled and nothing is readable any more, but a partner has read this, or has it in its own system. Tell it */
                        stays?: components["schemas"]["Unrecallable"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    undo: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UndoRequest"];
            };
        };
        responses: {
            /** @description What became of each referral */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Undone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    recordAnswer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                referralId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AnswerByPhone"];
            };
        };
        responses: {
            /** @description This answer was recorded before, by this door or by another one */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordedAnswer"];
                };
            };
            /** @description Recorded */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordedAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    removeWords: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                referralId: components["schemas"]["Uuid"];
                answerId: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They are removed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RemovedWords"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    recordHelp: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                referralId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HelpAnswer"];
            };
        };
        responses: {
            /** @description Recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordedHelp"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listScreenings: {
        parameters: {
            query?: {
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Longest waiting first. Those with an answer about safety are left out: their people are marked `seeFirst`, and a signed-in person opens the words on a page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Screening"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    seeScreening: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                screeningId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    version: string;
                    /** @description What came of it, in one line; kept outside history, for reviewers only */
                    note?: string;
                };
            };
        };
        responses: {
            /** @description Recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        seen: boolean;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    setPersonOfPatient: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Our id of the Patient */
                patientId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * Format: uuid
                     * @description Our id of the other Patient
                     */
                    samePersonAs: string | null;
                };
            };
        };
        responses: {
            /** @description Whose Patient it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        patient: string;
                        /** Format: uuid */
                        person: string;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listDisclosures: {
        parameters: {
            query?: {
                /** @description A person, by the own id or that of any of their Patients */
                person?: string;
                /** @description A partner, by id or by name */
                partner?: string;
                /** @description Who approved the referral: `mai`, `person:mai` or `policy:unambiguous` */
                by?: string;
                /** @description First day (`2026-11-23`, at the site), or an instant with its offset */
                from?: string;
                /** @description Last day, which counts whole, or the first instant that is not asked for */
                to?: string;
                limit?: number;
                /** @description From `next` of the page before, asked alike */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DisclosurePage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listViews: {
        parameters: {
            query?: {
                /** @description A person, by the own id or that of any of their Patients */
                person?: string;
                /** @description Who looked: `mai`, `person:mai` or `service:export` */
                by?: string;
                /** @description First day (`2026-11-23`, at the site), or an instant with its offset */
                from?: string;
                /** @description Last day, which counts whole, or the first instant that is not asked for */
                to?: string;
                limit?: number;
                /** @description From `next` of the page before, asked alike */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ViewPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listSignIns: {
        parameters: {
            query?: {
                /** @description Whose sign-ins: `mai` or `person:mai` */
                by?: string;
                limit?: number;
                /** @description From `next` of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    endSignIns: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description `mai` or `person:mai` */
                    name: string;
                };
            };
        };
        responses: {
            /** @description How many ended */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        ended: number;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listEquityFacts: {
        parameters: {
            query?: {
                /** @description First month of the answers, such as 2026-09 */
                from?: string;
                /** @description Last month of the answers */
                to?: string;
                limit?: number;
                /** @description From `next` of the page before, asked alike */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["EquityFact"][];
                        next?: string;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listRetention: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Notices and receipts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        notices: {
                            /** @enum {string} */
                            kind: "person" | "views";
                            person: string | null;
                            /** Format: date-time */
                            noticedAt: string;
                            /** Format: date-time */
                            actsAt: string;
                        }[];
                        erasures: components["schemas"]["Erasure"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listLegalDemands: {
        parameters: {
            query?: {
                /** @description A person, by the own id or that of any of their Patients */
                person?: components["schemas"]["Uuid"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The demands */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["LegalDemand"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    recordLegalDemand: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewLegalDemand"];
            };
        };
        responses: {
            /** @description Written down */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LegalDemand"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    agreeToLegalDemand: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                demandId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LegalDemandStep"];
            };
        };
        responses: {
            /** @description The demand as it stands now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LegalDemand"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    restrictChart: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                personId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description `mai` or `person:mai` */
                    owner: string;
                };
            };
        };
        responses: {
            /** @description Restricted */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Restriction"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    openChart: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                personId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Open to all reviewers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Restriction"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    readOnDuty: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The current version */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OnDuty"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    changeOnDuty: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OnDutyChange"];
            };
        };
        responses: {
            /** @description The new version */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OnDuty"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    takePerson: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                personId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Taken */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        person: components["schemas"]["Uuid"];
                        /** @description Alerts that were open; 0 where somebody had taken them before */
                        taken: number;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    readReach: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Our id of the person or of one of their Patients */
                personId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the person said last */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reach"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    recordReach: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Our id of the person or of one of their Patients */
                personId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReachChange"];
            };
        };
        responses: {
            /** @description What counts now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reach"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    resolveKeepOut: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Our id of the person or of one of their Patients */
                personId: components["schemas"]["Uuid"];
                keepOutId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Organization ids of the directory; none where no partner is meant */
                    partners: string[];
                };
            };
        };
        responses: {
            /** @description What counts now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reach"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    readNos: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                personId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Their nos */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Nos"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    recordNo: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                personId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewNo"];
            };
        };
        responses: {
            /** @description This no stood already */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordedNo"];
                };
            };
            /** @description Recorded */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordedNo"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    bringUp: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                personId: components["schemas"]["Uuid"];
                noId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BroughtUp"];
            };
        };
        responses: {
            /** @description Recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordedTry"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    makeTry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                personId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTry"];
            };
        };
        responses: {
            /** @description It may be made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReservedTry"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    endTry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                personId: components["schemas"]["Uuid"];
                tryId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TryEnd"];
            };
        };
        responses: {
            /** @description Recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordedTry"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    readWork: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                personId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The work */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Work"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    handOver: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                personId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewOwner"];
            };
        };
        responses: {
            /** @description Recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordedTry"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    planStep: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                personId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewStep"];
            };
        };
        responses: {
            /** @description Recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordedTry"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    endStep: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                personId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordedTry"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    addNote: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                personId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewNote"];
            };
        };
        responses: {
            /** @description Recorded */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewId"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listCovers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Those that stand today */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Covers"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    addCover: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewCover"];
            };
        };
        responses: {
            /** @description Recorded */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewId"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    endCover: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                coverId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ended */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    closeByHand: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                referralId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CloseByHand"];
            };
        };
        responses: {
            /** @description Recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordedTry"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    choosePartner: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                referralId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChosenPartner"];
            };
        };
        responses: {
            /** @description Recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordedTry"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    sendAnyway: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                referralId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordedTry"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    giveList: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                referralId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewGivenList"];
            };
        };
        responses: {
            /** @description Recorded */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordedTry"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    recordSaidOfList: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                referralId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SaidOfList"];
            };
        };
        responses: {
            /** @description Recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordedTry"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    correctDeath: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                personId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Recorded */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    addNeed: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                personId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewNeed"];
            };
        };
        responses: {
            /** @description The referral */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewId"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    recordDueList: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewDueList"];
            };
        };
        responses: {
            /** @description Recorded */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DueResult"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    recordHousehold: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                personId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewHousehold"];
            };
        };
        responses: {
            /** @description Recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordedTry"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    linkGuardian: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                personId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewGuardian"];
            };
        };
        responses: {
            /** @description Recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordedTry"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    endGuardian: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                personId: components["schemas"]["Uuid"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Recorded */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listContactIncidents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The latest 200 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContactIncidents"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listUnresolvedKeepOuts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The latest 200 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UnresolvedKeepOuts"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
}
