import { newId } from '@loopwell/kit';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import { checkAddress } from '../address.ts';
import { parsePairs } from '../request-text.ts';

const contentSecurityPolicy = {
  directives: {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
    // Helmet would add directives of its own that our own plain-http loopback addresses cannot live
    // with.
    upgradeInsecureRequests: null,
  },
  useDefaults: false,
};

/** Creates the app of Express with strict headers, and addresses that can be read in one way. */
export function expressApp(trustedProxies: readonly string[]): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('case sensitive routing', true);
  app.set('strict routing', true);
  app.set('query parser', (text: string | undefined) => parsePairs(text ?? '', '/query'));
  app.set('trust proxy', [...trustedProxies]);
  app.use(nameRequest);
  app.use(helmet({ contentSecurityPolicy, strictTransportSecurity: { maxAge: 31_536_000 } }));
  app.use(checkAddress);
  return app;
}

/**
 * Gives the request an id, proposed by the proxy in front of us or made here. Also forbids caches
 * to store the answer, because it may hold personal data.
 */
function nameRequest(request: Request, response: Response, next: NextFunction): void {
  const proposed = request.get('x-request-id');
  response.locals.requestId =
    proposed && /^[A-Za-z0-9-]{8,64}$/.test(proposed) ? proposed : newId();
  response.set({ 'x-request-id': String(response.locals.requestId), 'cache-control': 'no-store' });
  next();
}
