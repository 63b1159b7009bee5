import { METHODS } from 'node:http';
import { isCapabilityName } from '#libs/catalogue';
import { type DeclaredRoute, type Declaration, routeName } from '#libs/key-verifier';

/** What a proxy asks of `/authorize`: the part of its configuration that is in the query. */
export interface AuthorizeQuery {
  /** The service that the signed identity is for. */
  readonly audience: string;
  /** Whether a refusal is also sent as a header, for proxies that drop the body. */
  readonly hasProblemHeader: boolean;
  readonly declaration: Declaration;
  /** The status of an accepted request. */
  readonly acceptedStatus: 200 | 204;
  /** What a request with this method is checked against, and recorded as. */
  routeFor(method: string): DeclaredRoute;
}

/** A query, and the URI of the client's request if it is appended to it. */
export interface ReadQuery {
  /** A sentence about what is wrong with the query, or what it says. */
  readonly query: AuthorizeQuery | string;
  readonly uri: string | undefined;
}

/** The maximum length of a query, in characters. */
const MAX_LENGTH = 2000;

/** The maximum number of different queries that are remembered. Proxies send few. */
const MAX_KNOWN = 1000;

/** Reads the queries of proxies, and remembers each, since a proxy sends the same one with every request. */
export class AuthorizeQueries {
  readonly #audiences: readonly [string, ...string[]];
  readonly #declare: (name: string, declaration: Declaration) => void;
  readonly #known = new Map<string, AuthorizeQuery | string>();
  #declared = 0;

  /**
   * `audiences`: the services that identities may be signed for. The first is the default. `declare` is told the
   * capabilities that a query requires when it is first seen.
   */
  constructor(
    audiences: readonly [string, ...string[]],
    declare: (name: string, declaration: Declaration) => void = () => undefined,
  ) {
    this.#audiences = audiences;
    this.#declare = declare;
  }

  /**
   * Reads the query of a URL. Everything after `uri=` is the client's: it belongs to the URI, whatever it looks like, so a
   * client whose URI is appended cannot add a parameter.
   */
  read(url: string): ReadQuery {
    const start = url.indexOf('?');
    const text = start < 0 ? '' : `&${url.slice(start + 1)}`;
    const end = text.indexOf('&uri=');
    if (end >= 0)
      return { query: this.#parseOnce(text.slice(1, end)), uri: text.slice(end + '&uri='.length) };
    const query = this.#parseOnce(text.slice(1));
    // Otherwise, what Envoy appends would become part of the last parameter.
    const lacksUri = typeof query !== 'string' && query.acceptedStatus === 200;
    return { query: lacksUri ? 'status=200 needs uri= at the end' : query, uri: undefined };
  }

  #parseOnce(configured: string): AuthorizeQuery | string {
    if (configured.length > MAX_LENGTH) return `the query is longer than ${MAX_LENGTH} characters`;
    const known = this.#known.get(configured);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    const parsed = parse(configured, this.#audiences);
    this.#known.set(configured, parsed);
    if (typeof parsed !== 'string' && this.#declared++ < MAX_KNOWN) {
      const { declaration } = parsed;
      const required = declaration.opens === 'to capabilities' ? declaration.required : [];
      this.#declare(`/authorize?${required.map((name) => `capability=${name}`).join('&')}`, declaration);
    }
    return parsed;
  }
}

/** The pattern of a route, such as `/reports/:id`, in printable ASCII characters. */
const ROUTE = /^\/[\x21-\x7e]{0,199}$/;

/** How each parameter must look, and the sentence that says so. `capability` may be repeated. */
const PARAMETERS: Readonly<Record<string, readonly [isValid: (value: string) => boolean, must: string]>> = {
  audience: [() => true, ''], // compared with the setting
  capability: [
    isCapabilityName,
    'capability must be a name such as reports:read; repeat the parameter if several are required',
  ],
  problem: [(value) => value === 'header', 'problem can only be "header"'],
  route: [
    (value) => ROUTE.test(value),
    'route must be a pattern such as /reports/:id, at most 200 characters long',
  ],
  status: [(value) => value === '200', 'status can only be 200'],
};

function parse(text: string, audiences: readonly [string, ...string[]]): AuthorizeQuery | string {
  const given = new URLSearchParams(text);
  for (const [name, value] of given) {
    const [isValid, must] = Object.hasOwn(PARAMETERS, name) ? (PARAMETERS[name] ?? []) : [];
    if (isValid === undefined) return `there is no parameter ${JSON.stringify(name.slice(0, 60))}`;
    if (!isValid(value)) return must ?? '';
    if (name !== 'capability' && given.getAll(name).length > 1) return `${name} is given twice`;
  }
  const required = given.getAll('capability');
  const declaration: Declaration =
    required.length === 0 ? { opens: 'to any valid key' } : { opens: 'to capabilities', required };
  const audience = given.get('audience') ?? audiences[0];
  if (!audiences.includes(audience)) return 'audience must be one of FORWARD_AUTH_AUDIENCES';
  return {
    audience,
    declaration,
    hasProblemHeader: given.has('problem'),
    acceptedStatus: given.has('status') ? 200 : 204,
    routeFor: routesOf(given.get('route') ?? `/${audience}/*`, declaration),
  };
}

/** The routes of a pattern, one per method. Methods that nobody knows share one, so that clients cannot add more. */
function routesOf(pattern: string, declaration: Declaration): (method: string) => DeclaredRoute {
  const routes = new Map<string, DeclaredRoute>();
  return (method) => {
    const label = KNOWN_METHODS.has(method) ? method : 'OTHER';
    let route = routes.get(label);
    if (route === undefined) {
      route = { name: routeName(label, pattern), hasManyNames: false, declaration };
      routes.set(label, route);
    }
    return route;
  };
}

/** The methods that Node knows and that the activity of a key can show. */
const KNOWN_METHODS = new Set(METHODS.filter((method) => /^[A-Z]+$/.test(method)));
