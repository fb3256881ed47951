// Generated from intake.yaml; do not edit.
export interface paths {
    "/api/v1/connections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every connection, without its secret */
        get: operations["listConnections"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connections/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        /** One connection, without its secret */
        get: operations["readConnection"];
        /**
         * Makes or changes a connection; reading begins within seconds
         * @description What was read is kept under the connection, so `base` and `since` stay as they were first given, and `patients` may only grow (409 otherwise). `credentials` may be left out of a change: they stay then. An address on a private network is refused unless PRIVATE_ORIGINS of the process names its origin.
         */
        put: operations["configureConnection"];
        post?: never;
        /**
         * Deletes a connection for good
         * @description Cursors and secret go, and what waits to be written there is not written; what was read, coded and sent stays, with its history, and the id is not given again. Refused (409) while a referral of its people is open or a Task of theirs is out, and without `confirm`, which repeats the id: `facts` say what hangs on it.
         */
        delete: operations["deleteConnection"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connections/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stops reading this EHR and writing to it, within seconds
         * @description The same as a hold on `connection:<id>`. What is stored stays, and referrals go on to partners. While it lasts a consent that is withdrawn in the EHR does not arrive here: hold sends, too, where that matters.
         */
        post: operations["pauseConnection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connections/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Goes on reading and writing from where it stopped; 409 when it is not paused */
        post: operations["resumeConnection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connections/{id}/concept-map": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        /** The ConceptMap by which this EHR's own codes are read, as it was given */
        get: operations["readConceptMap"];
        /**
         * Gives or replaces it
         * @description A FHIR R4 ConceptMap from the site's own codes to LOINC, questions and answers alike. For forms, `group.source` is the canonical of the Questionnaire and `element.code` the linkId. One that says anything that is not taken is refused whole, with the place of each thing that is wrong (400, at most 50 of them). It counts for what is coded from now on; `recode` of the answer says how what was coded before is coded anew.
         */
        put: operations["setConceptMap"];
        post?: never;
        /** Codes without it from now on */
        delete: operations["removeConceptMap"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connections/{id}/choices": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        /** What this site wants otherwise than the guide advises */
        get: operations["readChoices"];
        /** Makes these choices; one that is left out is off */
        put: operations["setChoices"];
        post?: never;
        /** As the guide advises from now on */
        delete: operations["removeChoices"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Id: string;
        Address: string;
        /** @description What differs from plain R4: `plain-r4`, `epic`, `hapi`, `oracle-health` */
        Quirks: string;
        /** @description Ids of the patients to read; everyone when empty */
        Patients: components["schemas"]["Id"][];
        /** @description Other bases under which the EHR names itself in its links, behind a proxy; only `base` is ever asked */
        Aliases: components["schemas"]["Address"][];
        ConnectionSettings: {
            base: components["schemas"]["Address"];
            quirks?: components["schemas"]["Quirks"];
            credentials?: {
                /** @enum {string} */
                kind: "none";
            } | {
                /** @enum {string} */
                kind: "bearer";
                token: string;
            } | {
                /** @enum {string} */
                kind: "smart-backend";
                clientId: string;
                /** @description PKCS#8 PEM or JWK; P-384 or RSA */
                privateKey: string;
                keyId?: string;
                tokenUrl?: components["schemas"]["Address"];
                scopes?: string;
            };
            patients?: components["schemas"]["Patients"];
            /**
             * Format: date-time
             * @description Read what changed since; a real time with seconds, a capital T, and Z or an offset of hours and minutes
             */
            since?: string;
            aliases?: components["schemas"]["Aliases"];
        };
        Connection: {
            id: components["schemas"]["Id"];
            base: string;
            quirks: string;
            credentials: {
                /** @enum {string} */
                kind: "given" | "none" | "bearer" | "smart-backend";
                hasSecret: boolean;
                clientId?: string;
                keyId?: string;
                tokenUrl?: string;
                scopes?: string;
            };
            patients: components["schemas"]["Patients"];
            since?: string;
            aliases?: components["schemas"]["Aliases"];
            /** @description Only while it is paused */
            paused?: {
                by: string;
                at: string;
                reason: string | null;
            };
        };
        Choices: {
            /** @description `NEG` on answers that say that there is no need; the guide advises against it */
            interpretNegative?: boolean;
            /** @description No ICD-10-CM code beside a SNOMED CT finding: a clinician adds it */
            withoutIcd10cm?: boolean;
        };
        SiteChange: {
            connection: components["schemas"]["Id"];
            /** @description How many codes and linkIds the ConceptMap translates; 0 without one */
            translations: number;
            choices: components["schemas"]["Choices"];
            changed: boolean;
            /** @description How what was coded before is coded anew: nothing does it by itself */
            recode: string;
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
    listConnections: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By id */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        connections: components["schemas"]["Connection"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    readConnection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The connection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Connection"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    configureConnection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConnectionSettings"];
            };
        };
        responses: {
            /** @description Changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Connection"];
                };
            };
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Connection"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteConnection: {
        parameters: {
            query?: {
                confirm?: components["schemas"]["Id"];
            };
            header?: never;
            path: {
                id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted; what hung on it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: components["schemas"]["Id"];
                        deleted: {
                            liveTasks: number;
                            openReferrals: number;
                            lanes: number;
                            unwritten: number;
                            resources: number;
                        };
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    pauseConnection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description No personal data */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Paused */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Connection"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    resumeConnection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Resumed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Connection"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    readConceptMap: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A FHIR R4 ConceptMap; 404 where there is none */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/fhir+json": Record<string, never>;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    setConceptMap: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/fhir+json": Record<string, never>;
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description It counts from now on */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SiteChange"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    removeConceptMap: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description There is none now; `changed` says whether there was one */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SiteChange"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    readChoices: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The choices; both are off unless somebody chose otherwise */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Choices"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    setChoices: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Choices"];
            };
        };
        responses: {
            /** @description They count from now on */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SiteChange"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    removeChoices: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Both are off; `changed` says whether one was on */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SiteChange"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
}
