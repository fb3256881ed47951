// Generated from console.yaml; do not edit.
export interface paths {
    "/api/v1/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The seven stages, what waits and for whom, what failed and why */
        get: operations["readStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/totals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where everything is; each unit in exactly one place */
        get: operations["readRunTotals"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Former address of /api/v1/totals; always answers 404 with a sentence that names the new address
         * @deprecated
         */
        get: operations["readAccounts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/site": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What this site decides, and what counts where it decided nothing */
        get: operations["readSite"];
        /**
         * Change what this site decides; counts within seconds in every process
         * @description The whole site at once: a field that is left out or null has its default from then on. `version` is the one that was read; where somebody changed another one meanwhile, 409 and nothing is changed. `identifierSystem` stays where it is left out, and cannot be changed once resources carry it (409). A field that breaks its rule is named with it (400).
         */
        put: operations["changeSite"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trace/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The timeline of an Encounter, Condition, Task or referral, by our id or the EHR's */
        get: operations["readTrace"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/ledger/actions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Retry or discard rows of the ledger, one or many, all or nothing */
        post: operations["actOnLedger"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/unread/close": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A person says that a type of an EHR counts as read as it is
         * @description For a total that is wrong, or a type that the EHR does not have. Encounters do not wait for it any more, and runs end without it. It opens again when the EHR gives another reason.
         */
        post: operations["closeUnread"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/holds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is held, and what a release would let go */
        get: operations["listHolds"];
        put?: never;
        /** Stops sends within seconds; pulling goes on, but for a connection that is paused */
        post: operations["addHold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/holds/{scope}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Lets go again */
        delete: operations["removeHold"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        SiteChange: {
            version: number;
            /** @description Name under which partners know who refers */
            name?: string | null;
            /** @description Phone that partners call instead of the person's */
            phone?: string | null;
            /** @description Line of an advocate, offered aloud to people to be seen first, with the number to call */
            advocateLine?: string | null;
            /** @description IANA name, such as America/Chicago */
            timeZone?: string | null;
            /** @description `system|code` of the policy that consent forms fall under */
            consentPolicy?: string | null;
            longestConsentDays?: number | null;
            minorAge?: number | null;
            contactFromChart?: boolean | null;
            /** @description The state whose law says to what minors agree alone, such as MN; while it is not set, a guardian's yes is needed for everything */
            state?: string | null;
            /** @description How often a person may be tried over all needs and partners, such as `3 in 14 days, 1 a day` */
            tryBudget?: string | null;
            /** @description Where the written policy is by which a spoken yes counts as a consent; without one it is the agreement only */
            spokenConsentPolicy?: string | null;
            /** @description Who wrote that policy; set together with it */
            spokenConsentAuthor?: string | null;
            /** @description Words of addresses of a program that keeps the true one secret, such as PO Box 17370 Saint Paul */
            protectedAddress?: string | null;
            /** @description A duration such as 3d, or business days such as 2bd */
            acceptBy?: string | null;
            /** @description A duration such as 3d, or business days such as 2bd */
            decideBy?: string | null;
            /** @description A duration such as 30d */
            readAfterEnd?: string | null;
            /** @description How long a decision of a signed-in person can be undone before anything is sent, such as 10m; 0s for no wait */
            undoFor?: string | null;
            /** @description After which time without help somebody on duty is told, such as 7d */
            tellWithoutHelp?: string | null;
            /** @description For how long nothing happens before a person is erased, such as 3650d; null for good */
            keepPeople?: string | null;
            /** @description How long it is kept who saw whom, such as 2190d; null for good */
            keepViews?: string | null;
            identifierSystem?: string | null;
        };
        Site: {
            version: number;
            name: string | null;
            phone: string | null;
            advocateLine: string | null;
            timeZone: string | null;
            consentPolicy: string | null;
            longestConsentDays: number | null;
            minorAge: number | null;
            contactFromChart: boolean | null;
            state: string | null;
            tryBudget: string | null;
            spokenConsentPolicy: string | null;
            spokenConsentAuthor: string | null;
            protectedAddress: string | null;
            acceptBy: string | null;
            decideBy: string | null;
            readAfterEnd: string | null;
            undoFor: string | null;
            tellWithoutHelp: string | null;
            keepPeople: string | null;
            keepViews: string | null;
            identifierSystem: string | null;
            /** @description What counts, with the defaults */
            counts: {
                name: string | null;
                phone: string | null;
                advocateLine: string | null;
                timeZone: string | null;
                consentPolicy: string | null;
                longestConsentDays: number | null;
                minorAge: number | null;
                contactFromChart: boolean | null;
                state: string | null;
                tryBudget: string | null;
                spokenConsentPolicy: string | null;
                spokenConsentAuthor: string | null;
                protectedAddress: string | null;
                acceptBy: string | null;
                decideBy: string | null;
                readAfterEnd: string | null;
                undoFor: string | null;
                tellWithoutHelp: string | null;
                keepPeople: string | null;
                keepViews: string | null;
            };
            /** Format: date-time */
            changedAt: string | null;
            changedBy: string | null;
        };
        /** @description `all`; `partner:<id of the directory>`: nothing is sent there; `ehr:<connection>`: nothing is written there; `connection:<id>`: paused, that EHR is neither read nor written to; `receiver:<origin>`: nothing at all is asked of a server (Loopwell sets it when processes ended over its answers). One that is nothing here is refused (400, rule `known`). */
        Scope: string;
        WorkAction: {
            /** @enum {string} */
            action: "retry" | "discard";
            rows: {
                /** @enum {string} */
                stage: "pull" | "screen" | "code" | "refer" | "track" | "close" | "write-back";
                subject: string;
            }[];
            reason: components["schemas"]["Reason"];
        };
        /** @enum {string} */
        Reason: "cause-fixed" | "transient" | "duplicate" | "handled-elsewhere" | "not-needed" | "cannot-be-done";
        Count: number;
        /** @description RFC 3339 instant */
        InstantOrNull: string | null;
        Status: {
            stages: {
                stage: string;
                waiting: {
                    worker: components["schemas"]["Count"];
                    reviewer: components["schemas"]["Count"];
                    partner: components["schemas"]["Count"];
                    ehr: components["schemas"]["Count"];
                    operator: components["schemas"]["Count"];
                };
                active: components["schemas"]["Count"];
                failed: components["schemas"]["Count"];
                oldestSince: components["schemas"]["InstantOrNull"];
                done: components["schemas"]["Count"];
                donePerMinute: components["schemas"]["Count"];
            }[];
            gates: {
                gate: string;
                count: components["schemas"]["Count"];
                oldest: string;
                /** @description Of those that nobody could help with: how many no person has decided in time */
                overdue: number;
            }[];
            /** @description The hundred oldest failed rows */
            parked: {
                stage: string;
                subject: string;
                code: string;
                facts: {
                    [key: string]: string | number | boolean | null;
                };
                attempts: components["schemas"]["Count"];
                waitsFor: string;
                since: string;
            }[];
            refusals: {
                receiver: string;
                status: number | null;
                issueCode: string | null;
                count: components["schemas"]["Count"];
            }[];
            quarantine: {
                code: string;
                type: string;
                count: components["schemas"]["Count"];
                example: string;
                oldest: string;
            }[];
            unread: components["schemas"]["Unread"][];
            lanes: {
                connection: string;
                type: string;
                scopes: components["schemas"]["Count"];
                done: components["schemas"]["Count"];
                upto: components["schemas"]["InstantOrNull"];
                pages: components["schemas"]["Count"];
                resources: components["schemas"]["Count"];
                note: string | null;
            }[];
            partners: {
                id: string;
                name: string | null;
                live: components["schemas"]["Count"];
                overdue: components["schemas"]["Count"];
                oldest: components["schemas"]["InstantOrNull"];
                completed: components["schemas"]["Count"];
                declined: components["schemas"]["Count"];
            }[];
            holds: components["schemas"]["Hold"][];
            /** @description What EHRs took and store otherwise than it was sent */
            altered: {
                connection: string;
                type: string;
                /** @description Names of the elements that differ */
                lost: string[];
                /** @description It said what nobody said, and was marked as entered in error there */
                takenBack: boolean;
                count: components["schemas"]["Count"];
            }[];
            /** @description What to know of a connection as a whole, such as until when its EHR locks us out, and which scopes its token lacks */
            notes: {
                connection: string;
                /** @enum {string} */
                kind: "locked-out" | "scopes";
                says: string;
                until: components["schemas"]["InstantOrNull"];
                at: string;
            }[];
        };
        Hold: {
            scope: string;
            principal: string;
            at: string;
            reason: string | null;
        };
        Holds: {
            holds: components["schemas"]["Hold"][];
            /** @description What waits behind holds, by who would get it first */
            waiting: components["schemas"]["Held"][];
        };
        Held: {
            /** @description `partner:<id>` or `ehr:<connection>`; empty where no partner is left to try */
            scope: string;
            name: string;
            /** @enum {string} */
            what: "referrals" | "resources";
            count: components["schemas"]["Count"];
        };
        Moment: {
            at: string;
            stage: string;
            what: string;
            who: string;
            /** @description A partner's own words; only for who has the role `reviewer`, too */
            words?: string;
        };
        /** @description A type of an EHR that is not read, or not all of it */
        Unread: {
            connection: string;
            /** @description FHIR base */
            ehr: string;
            /** @description A resource type; `*` where nothing at all was ever read */
            type: string;
            /** @enum {string} */
            kind: "refused" | "not-offered" | "short" | "unknown-patient" | "cannot-show" | "failed" | "nothing";
            status: number | null;
            issueCode: string | null;
            /** @description What the EHR says that there is */
            total: number | null;
            /** @description What it gave */
            given: number | null;
            cursors: components["schemas"]["Count"];
            of: components["schemas"]["Count"];
            since: components["schemas"]["InstantOrNull"];
            closedBy: string | null;
            /** @description While it is, Encounters without answers are in progress, and a run ends with 3 */
            open: boolean;
            says: string;
        };
        RunTotals: {
            encounters: {
                pulled: components["schemas"]["Count"];
                coded: components["schemas"]["Count"];
                nothingToCode: components["schemas"]["Count"];
                needsPerson: components["schemas"]["Count"];
                quarantined: components["schemas"]["Count"];
                inProgress: components["schemas"]["Count"];
            };
            screenings: {
                read: components["schemas"]["Count"];
                attached: components["schemas"]["Count"];
                unattached: components["schemas"]["Count"];
                quarantined: components["schemas"]["Count"];
                inProgress: components["schemas"]["Count"];
                needsPerson: components["schemas"]["Count"];
                danger: components["schemas"]["Count"];
            };
            conditions: {
                created: components["schemas"]["Count"];
                evidenceAdded: components["schemas"]["Count"];
            };
            referrals: {
                needed: components["schemas"]["Count"];
                waiting: {
                    saidNo: components["schemas"]["Count"];
                    listGiven: components["schemas"]["Count"];
                    withSibling: components["schemas"]["Count"];
                    review: components["schemas"]["Count"];
                    withoutHelp: components["schemas"]["Count"];
                    agreement: components["schemas"]["Count"];
                    consent: components["schemas"]["Count"];
                    noServiceCode: components["schemas"]["Count"];
                    noPartner: components["schemas"]["Count"];
                    underWay: components["schemas"]["Count"];
                    hold: components["schemas"]["Count"];
                    send: components["schemas"]["Count"];
                    partner: components["schemas"]["Count"];
                };
                closed: components["schemas"]["Count"];
                failed: components["schemas"]["Count"];
                withdrawn: components["schemas"]["Count"];
                sent: components["schemas"]["Count"];
            };
            writeBack: {
                done: components["schemas"]["Count"];
                refused: components["schemas"]["Count"];
                /** @description The EHR took it and stores something other than was sent */
                altered: number;
                waiting: components["schemas"]["Count"];
            };
            quarantine: {
                code: string;
                count: components["schemas"]["Count"];
                example: string;
            }[];
            unread: components["schemas"]["Unread"][];
            /** @description What was noticed while EHRs were read, and lost nothing */
            notices: string[];
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
    readStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One moment */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    readRunTotals: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A snapshot */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunTotals"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    readAccounts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            default: components["responses"]["Problem"];
        };
    };
    readSite: {
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
                    "application/json": components["schemas"]["Site"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    changeSite: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SiteChange"];
            };
        };
        responses: {
            /** @description The new version */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Site"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    readTrace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Moments in order */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        moments: components["schemas"]["Moment"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    actOnLedger: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WorkAction"];
            };
        };
        responses: {
            /** @description Done, with a line of history for each */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        rows: number;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    closeUnread: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    connection: string;
                    type: string;
                };
            };
        };
        responses: {
            /** @description Closed; what is not read still */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        unread: components["schemas"]["Unread"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listHolds: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Holds and what waits behind them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Holds"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    addHold: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    scope?: components["schemas"]["Scope"];
                    scopes?: components["schemas"]["Scope"][];
                    reason?: string;
                } | unknown | unknown;
            };
        };
        responses: {
            /** @description Held */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Holds"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    removeHold: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                scope: components["schemas"]["Scope"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Released; what is held still */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Holds"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
}
