import { type FactoryProvider, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { KeyVerifier, callerOf } from '#libs/key-verifier';
import { type ProblemException, type RefusedRequest, answerProblem } from '#libs/problems';
import { IDENTITY_HEADER } from '#libs/signed-identity';
import { IdentitySigner } from '#libs/signed-identity/signing';
import { GatewayProblem } from '../gateway-problem.js';
import type { PlainHttp } from '../plain-http/plain-http.js';
import { AuthorizeQueries } from './authorize-query.js';
import { ForwardedRequest } from './forwarded-request.js';

/**
 * Tells proxies whether a client's request may pass, and whose it is. It goes through the same admission as requests to the
 * gateway's own routes, with the same cache, lease and limits, so a revocation takes effect for both at the same moment.
 */
export class ForwardAuth {
  readonly #log = new Logger(ForwardAuth.name);
  readonly #queries: AuthorizeQueries;
  #hasWarned = false;

  constructor(
    audiences: readonly [string, ...string[]],
    private readonly verifier: KeyVerifier,
    private readonly signer: IdentitySigner,
  ) {
    this.#queries = new AuthorizeQueries(audiences, (name, declaration) =>
      verifier.setup.declare(name, declaration),
    );
  }

  /** Responds with an empty success and the signed identity, or with the problem of a refusal. */
  async authorize(req: FastifyRequest, res: FastifyReply, plainHttp?: PlainHttp): Promise<void> {
    const { query, uri } = this.#queries.read(req.url);
    if (typeof query === 'string') {
      this.#refuse(misconfigured(query), req, res);
      return;
    }
    const inHeader = query.hasProblemHeader;
    const client = ForwardedRequest.read(req, uri);
    if (typeof client === 'string') {
      this.#refuse(misconfigured(client), req, res, { inHeader });
      return;
    }
    this.#warnOnceWithoutAddress(req);
    req.forwarded = client;
    const inTheClear = plainHttp?.check(req, res);
    if (inTheClear !== undefined) {
      this.#refuse(inTheClear, req, res, { client, inHeader });
      return;
    }
    const refused = await this.verifier.admission.admit(query.routeFor(client.method), client, res);
    if (client.keyId !== undefined) req.keyId = client.keyId;
    if (refused !== undefined) {
      this.#refuse(refused, req, res, { client, inHeader });
      return;
    }
    const identity = await this.signer.sign(callerOf(client), query.audience);
    res.header('cache-control', 'no-store');
    res.header(IDENTITY_HEADER, identity);
    res.code(query.acceptedStatus).send();
  }

  #refuse(
    problem: ProblemException,
    req: FastifyRequest,
    res: FastifyReply,
    { client = req, inHeader = false }: { client?: RefusedRequest; inHeader?: boolean } = {},
  ): void {
    req.refusal = problem;
    if (inHeader) res.header(PROBLEM_HEADER, inAscii(problem.textFor(shortPath(client.originalUrl), req.id)));
    answerProblem(problem, client, res, this.#log);
  }

  #warnOnceWithoutAddress({ headers }: FastifyRequest): void {
    if (this.#hasWarned || headers['x-forwarded-for'] !== undefined) return;
    this.#hasWarned = true;
    this.#log.warn(
      'a proxy sends no X-Forwarded-For to /authorize: its clients count as one, and one of them can have all blocked',
    );
  }
}

/** `audiences`: the services that identities may be signed for. The first is the default. */
export function provideForwardAuth(audiences: readonly [string, ...string[]]): FactoryProvider<ForwardAuth> {
  return {
    provide: ForwardAuth,
    inject: [KeyVerifier, IdentitySigner],
    useFactory: (verifier: KeyVerifier, signer: IdentitySigner) =>
      new ForwardAuth(audiences, verifier, signer),
  };
}

/** The header with the problem of a refusal, for proxies that drop its body. */
const PROBLEM_HEADER = 'x-le-bureau-problem';

/** The most characters of a path in that header: proxies limit the size of headers. */
const MAX_PATH = 1000;

function shortPath(url: string): string {
  return (url.split('?', 1)[0] ?? '').slice(0, MAX_PATH);
}

/** JSON in printable ASCII, as headers need it. */
function inAscii(json: string): string {
  return json.replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function misconfigured(mistake: string): GatewayProblem {
  const detail = `The proxy in front asks wrongly whether this request may pass: ${mistake}. Its operator can correct that.`;
  return new GatewayProblem('invalid_request', detail, { reason: 'authorize_request_wrong' });
}
