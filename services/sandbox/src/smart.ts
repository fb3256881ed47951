import { randomBytes } from 'node:crypto';
import { Router, urlencoded } from 'express';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';

/**
 * Options of the token endpoint. `grants` are the scopes that each token gets; by default the
 * requested ones.
 */
export type SmartOptions = {
  clientId: string;
  jwks: JSONWebKeySet;
  tokenSeconds: number;
  tokenUrl: () => string;
  grants?: string | undefined;
};

/**
 * Creates SMART Backend Services as an EHR offers them: registered key, single-use assertions,
 * short-lived bearers.
 */
export function smartServer(options: SmartOptions): {
  router: Router;
  authorize: (bearer: string | undefined) => boolean;
  expireAll: () => void;
} {
  const keys = createLocalJWKSet(options.jwks);
  const tokens = new Map<string, number>();
  const used = new Set<string>();
  const router = Router({ caseSensitive: true, strict: true });
  router.get('/.well-known/smart-configuration', (_request, response) => {
    response.json({
      token_endpoint: options.tokenUrl(),
      grant_types_supported: ['client_credentials'],
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['ES384', 'RS384'],
      capabilities: ['client-confidential-asymmetric', 'permission-v2'],
    });
  });
  router.post('/token', urlencoded({ extended: false }), async (request, response) => {
    const body = request.body as Record<string, string>;
    try {
      const { payload } = await jwtVerify(body.client_assertion ?? '', keys, {
        audience: options.tokenUrl(),
        issuer: options.clientId,
        subject: options.clientId,
        algorithms: ['ES384', 'RS384'],
        maxTokenAge: '5m',
      });
      if (body.grant_type !== 'client_credentials' || !payload.jti || used.has(payload.jti))
        throw new Error('refused');
      used.add(payload.jti);
      const token = randomBytes(24).toString('base64url');
      tokens.set(token, Date.now() + options.tokenSeconds * 1_000);
      response.json({
        access_token: token,
        token_type: 'bearer',
        expires_in: options.tokenSeconds,
        scope: options.grants ?? body.scope ?? '',
      });
    } catch {
      response.status(400).json({ error: 'invalid_client' });
    }
  });
  return {
    router,
    authorize: (bearer) => (tokens.get(bearer ?? '') ?? 0) > Date.now(),
    expireAll: () => tokens.clear(),
  };
}
