// Generated from referral.yaml; do not edit.
export interface paths {
    "/api/v1/directory": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The partners, in the order in which they are tried */
        get: operations["readDirectory"];
        /**
         * Replaces the directory; what waited for a partner asks again
         * @description A Bundle of Organization, HealthcareService (SDOHCC category, `providedBy`, `endpoint`) and Endpoint (`connectionType` of system `https://loopwell.example/CodeSystem/partner-channel`, or HL7's `hl7-fhir-rest`, which is `fhir-rest`; `address`; settings in the extension `https://loopwell.example/StructureDefinition/partner-settings`). A service without an Endpoint is `manual`: a person calls. Order is kept; inactive services and ones without capacity are left out. A wrong file changes nothing, and everything that is wrong is listed. A service whose Endpoint has a kind or settings that cannot be used here is left out and listed under `problems`; the rest goes in. Tasks that are out stay with their partners.
         */
        put: operations["replaceDirectory"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/directory/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Replaces the bearers of all partners; one that is gone opens nothing more
         * @description When there are bearers that we send, or that partners send to us, and none of that kind would be left, nothing is changed (409) unless `empty` is true.
         */
        put: operations["replaceDirectoryTokens"];
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
        Bearer: string;
        Bundle: {
            /** @enum {string} */
            resourceType: "Bundle";
            entry: Record<string, never>[];
        };
        Directory: {
            /** @description Services that cannot be used here, and why */
            problems: {
                service: string;
                rule: string;
            }[];
            partners: {
                id: string;
                name: string;
                /** @description The address of its Endpoint; `hub:<id>` or `manual:<id>` where it has none, and `email:<id>` or `text:<id>` where it is not shown. Tokens are keyed by it */
                address: string;
                /** @description The channel by which it is reached first */
                kind: string;
                /** @description The channels by which it is reached */
                ways: string[];
                /** @description Settings of its Endpoint; secret ones are never shown */
                settings: {
                    [key: string]: unknown;
                };
                categories: string[];
                hasSendToken: boolean;
                hasReadToken: boolean;
            }[];
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
    readDirectory: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The directory */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Directory"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceDirectory: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Bundle"];
                "application/fhir+json": components["schemas"]["Bundle"];
            };
        };
        responses: {
            /** @description Replaced */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Directory"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceDirectoryTokens: {
        parameters: {
            query?: {
                /** @description No bearer of one kind may be left */
                empty?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    [key: string]: {
                        /** @description We send it to the partner */
                        send?: components["schemas"]["Bearer"];
                        /** @description The partner sends it to us */
                        read?: components["schemas"]["Bearer"];
                    };
                };
            };
        };
        responses: {
            /** @description Replaced */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Directory"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
}
