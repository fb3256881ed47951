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
        Id: string;
        Address: string;
        /** @description What differs from plain R4: `plain-r4`, `epic`, `hapi`, `oracle-health` */
        Quirks: string;
        /** @description Ids of the patients to read; everyone when empty */
        Patients: components["schemas"]["Id"][];
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
             * @description Read what changed since
             */
            since?: string;
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
}
