import { verify } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { retryAfter } from '#libs/problems';
import { GatewayProblem } from '../gateway-problem.js';
import type { PublishedKeys } from './published-keys.js';

/** The secret scanners that sign their reports. */
export const PARTNER_NAMES = ['github', 'gitlab'] as const;
export type PartnerName = (typeof PARTNER_NAMES)[number];

/** The longest header that is read: a signature has about 100 characters. */
const MAX_HEADER = 200;

/** A secret scanner that signs its reports: ECDSA on P-256 with SHA-256, of the body as it was sent. */
export class Partner {
  constructor(
    readonly name: PartnerName,
    private readonly keys: PublishedKeys,
  ) {}

  /** Throws a problem unless the request names a key that the partner has published, before its body is read. */
  async checkIdentifier(req: FastifyRequest): Promise<void> {
    await this.#keyOf(req);
  }

  /** Whether the partner has signed this body. */
  async hasSigned(req: FastifyRequest, body: Buffer): Promise<boolean> {
    const signature = headerOf(req, `${this.name}-public-key-signature`) ?? '';
    return verify('sha256', body, await this.#keyOf(req), Buffer.from(signature, 'base64'));
  }

  async #keyOf(req: FastifyRequest) {
    const identifier = headerOf(req, `${this.name}-public-key-identifier`);
    const key = identifier === undefined ? 'unknown' : await this.keys.find(identifier);
    if (key === 'unknown') throw notSigned();
    if (key === 'unavailable')
      throw new GatewayProblem(
        'unavailable',
        'The public keys to verify the signature with cannot be fetched right now. Send the same request again.',
        { headers: retryAfter(60), reason: 'report_keys_unavailable' },
      );
    return key;
  }
}

const pathSchema = z.object({ partner: z.string() });

/** The partners whose reports are taken. */
export class Partners {
  readonly #partners: ReadonlyMap<string, Partner>;

  constructor(partners: readonly Partner[]) {
    this.#partners = new Map(partners.map((partner) => [partner.name, partner]));
  }

  get isEmpty(): boolean {
    return this.#partners.size === 0;
  }

  /** The one that its path names. Throws a problem if there is none. */
  of({ params }: FastifyRequest): Partner {
    const { success, data } = pathSchema.safeParse(params);
    const partner = success ? this.#partners.get(data.partner) : undefined;
    if (partner === undefined)
      throw new GatewayProblem('not_found', 'No such route. Check the method and the path.');
    return partner;
  }
}

/** The refusal of a report that is not from whom it claims to be. */
export function notSigned(): GatewayProblem {
  return new GatewayProblem(
    'report_not_signed',
    'Send the body exactly as it was signed, and name a public key that you publish.',
  );
}

function headerOf({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value.length <= MAX_HEADER ? value : undefined;
}
