import { createServer } from 'node:http';
import { createRemoteJWKSet, jwtVerify } from 'jose';

/*
 * A service behind nginx or Caddy with forward auth. It takes nobody's word for who the caller is but the gateway's.
 */
const { PORT = '3020', JWKS_URL = 'http://127.0.0.1:9464/.well-known/jwks.json' } = process.env;

const gatewayKeys = createRemoteJWKSet(new URL(JWKS_URL));

/** Who makes the request; undefined if the gateway has not signed that for this service within the last minute. */
async function callerOf(identity: string): Promise<{ id: string; capabilities: unknown } | undefined> {
  try {
    const { payload } = await jwtVerify(identity, gatewayKeys, {
      issuer: 'le-bureau-gateway',
      audience: 'reports',
      algorithms: ['EdDSA'],
    });
    return { id: payload.sub ?? '', capabilities: payload.capabilities };
  } catch {
    return undefined;
  }
}

const server = createServer((req, res) => {
  callerOf(String(req.headers['x-le-bureau-identity']))
    .then((caller) => {
      if (caller === undefined) res.writeHead(401).end();
      else res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ caller }));
    })
    .catch(() => res.destroy());
});
server.listen(Number(PORT), '127.0.0.1');
