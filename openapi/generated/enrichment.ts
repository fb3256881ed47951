// Generated from enrichment.yaml; do not edit.
export interface paths {
    "/api/v1/quality": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What arrives from each EHR, and what can be made of it
         * @description Counts and codes; nothing of a person. Looks at `most` people at most; `loopwell quality` looks at everybody.
         */
        get: operations["readQuality"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/recode": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far coding everybody anew is */
        get: operations["readRecode"];
        put?: never;
        /**
         * What coding everybody anew with the tables, maps and choices of today would change; or does it
         * @description A dry run unless `dryRun` is false: counts, nothing of a person, of `most` people at most (`loopwell recode` looks at everybody). Otherwise everybody is due at stage `code`, all or nobody, and the workers code them; what people decided is kept. It may be asked again at any time.
         */
        post: operations["recode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/code": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What Loopwell makes of screenings; nothing is stored
         * @description FHIR R4 in, one Parameters for each person out: `return`, a transaction that could be posted, and `issues`, an OperationOutcome. As JSON one Bundle about one Patient, a searchset about many, a resource or a list of them; several Parameters come as a Bundle of type collection. As NDJSON one Bundle or resource per line in, one Parameters per line out: Bundles in the same order, then what stands in no Bundle, gathered by patient (16 MB of it at most). The same as `loopwell code`.
         */
        post: operations["code"];
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
        /** @description How many Conditions, by kind of change */
        RecodeCounts: {
            new?: number;
            "taken back"?: number;
            "other codes"?: number;
            "approved, for a person again"?: number;
        };
        RecodeDryRun: {
            /** @enum {boolean} */
            dryRun: true;
            /**
             * Format: date-time
             * @description When it was read; who asks while it is being read shares it
             */
            at: string;
            /** @description How many people are looked at, at most */
            most: number;
            /** @description How many were looked at */
            people: number;
            /** @description For how many of them something would change */
            changed: number;
            counts: components["schemas"]["RecodeCounts"];
            /** @description By instrument that a Condition rests on; one that rests on two counts for both */
            instruments: {
                [key: string]: components["schemas"]["RecodeCounts"];
            };
        };
        RecodeBegun: {
            /** @enum {boolean} */
            dryRun: false;
            /** @description How many are due */
            people: number;
            progress: components["schemas"]["RecodeProgress"];
        };
        RecodeProgress: {
            /** @description People who are yet to be coded */
            waiting: number;
            /** @description People whose coding failed; see the failed work of the console */
            failed: number;
            last: null | {
                /** @description RFC 3339 instant */
                at: string;
                by: string;
                people: number;
            };
        };
        EhrQuality: {
            /** @description Id of the connection */
            ehr: string;
            /** @description Address of the EHR */
            address: string;
            /** @description One sentence for each instrument: how many answers could be read, and how many need a person */
            verdicts: string[];
            people: number;
            screenings: number;
            /** @description Screenings that could not be read */
            quarantined: number;
            instruments: {
                [key: string]: {
                    name: string;
                    screenings: number;
                    /** @description What a person has to look at in its screenings */
                    forPerson: number;
                    /** @description By LOINC code; `arrived` is the sum of the others */
                    questions: {
                        [key: string]: {
                            /** @description The question in short words */
                            label: string;
                            arrived: number;
                            coded: number;
                            absent: number;
                            declined: number;
                            unread: number;
                        };
                    };
                };
            };
            /** @description Questions and answers that no table knows, with the code as it came */
            unknown: {
                [key: string]: {
                    /** @enum {string} */
                    kind: "question" | "answer";
                    question: string;
                    /** @description The question in short words, where it is known */
                    label?: string;
                    code: string;
                    count: number;
                };
            };
            /** @description What was asked and is no screening for social needs, by LOINC code */
            notScreening: {
                [key: string]: components["schemas"]["LabeledCount"];
            };
            /** @description Social Conditions that stand in the charts already; the restricted ones only as a number */
            onFile: {
                conditions: number;
                people: number;
                restricted: number;
                byCode: {
                    [key: string]: components["schemas"]["LabeledCount"];
                };
            };
            mended: {
                [key: string]: number;
            };
            issues: {
                [key: string]: number;
            };
            categories: {
                [key: string]: number;
            };
            neverSeen: string[];
            /** @description Types of this EHR that are not read, or not all of them: a sentence each */
            unread: string[];
        };
        LabeledCount: {
            label: string;
            count: number;
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
    readQuality: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One item for each EHR */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        most: number;
                        /**
                         * Format: date-time
                         * @description When it was read: it is kept for half a minute, and renewed in the background
                         */
                        at: string;
                        items: components["schemas"]["EhrQuality"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    readRecode: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done when nobody waits; the same rows stand in stage `code` of the status */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecodeProgress"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    recode: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @default true */
                    dryRun?: boolean;
                };
            };
        };
        responses: {
            /** @description What would change; nothing was changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecodeDryRun"];
                };
            };
            /** @description Everybody is due */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecodeBegun"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    code: {
        parameters: {
            query?: {
                /** @description Id of a connection whose ConceptMap and choices are applied; 404 where there is none of this id */
                connection?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/fhir+json": Record<string, never> | Record<string, never>[];
                "application/json": Record<string, never> | Record<string, never>[];
                "application/x-ndjson": string;
                "application/fhir+ndjson": string;
            };
        };
        responses: {
            /** @description Parameters, or a Bundle of type collection that holds them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/fhir+json": Record<string, never>;
                    "application/x-ndjson": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
}
