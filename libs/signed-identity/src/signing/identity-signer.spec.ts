import { beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { Principal } from '#libs/keys-contract';
import { IdentitySigner } from './identity-signer.js';
import { IdentityVerifier } from '../identity-verifier.js';

const OLD = 'the-old-identity-secret-0123456789abcdef';
const NEW = 'the-new-identity-secret-0123456789abcdef';

const ada: Principal = {
  keyId: '0352dezfK9Gia0iM56jbgM',
  capabilities: ['desktop:read', 'kb:read'],
  expiresAtMs: null,
  rateLimitPerMinute: null,
  owner: { id: 'u-1', email: 'ada@example.com', emailVerified: true, role: 'user', tier: 'pro' },
};

/** Milliseconds since 1970, which tests change. */
let now: number;
const clock = (): number => now;
beforeEach(() => {
  now = Date.UTC(2027, 0, 31, 12);
});

describe('an identity', () => {
  it('identifies the caller, and contains nothing else', async () => {
    const signer = await IdentitySigner.from([NEW], clock);
    const token = await signer.sign(ada, 'desktops');
    const { kid } = signer.jwks().keys[0] ?? {};
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'EdDSA', kid, typ: 'JWT' });
    expect(decodeJwt(token)).toEqual({
      iss: 'le-bureau-gateway',
      aud: 'desktops',
      sub: 'u-1',
      key_id: ada.keyId,
      capabilities: ['desktop:read', 'kb:read'],
      role: 'user',
      tier: 'pro',
      email: 'ada@example.com',
      email_verified: true,
      iat: now / 1000,
      exp: now / 1000 + 60,
    });
  });

  it('is signed once per principal and audience, and again after 10 seconds', async () => {
    const signer = await IdentitySigner.from([NEW], clock);
    const first = await signer.sign(ada, 'desktops');
    expect(await signer.sign(ada, 'kb')).not.toBe(first);
    now += 9_999;
    expect(await signer.sign(ada, 'desktops')).toBe(first);
    now += 1;
    expect(decodeJwt(await signer.sign(ada, 'desktops')).iat).toBe(now / 1000);
  });

  it('is signed again if the clock was set back', async () => {
    const signer = await IdentitySigner.from([NEW], clock);
    await signer.sign(ada, 'desktops');
    now -= 3_600_000;
    expect(decodeJwt(await signer.sign(ada, 'desktops')).exp).toBe(now / 1000 + 60);
  });

  it('is a new one for a changed owner', async () => {
    const signer = await IdentitySigner.from([NEW], clock);
    await signer.sign(ada, 'desktops');
    const promoted = { ...ada, owner: { ...ada.owner, role: 'admin' } };
    expect(decodeJwt(await signer.sign(promoted, 'desktops')).role).toBe('admin');
  });

  it('is valid for 60 seconds, plus 5 for differing clocks', async () => {
    const signer = await IdentitySigner.from([NEW], clock);
    const verifier = new IdentityVerifier({ jwks: signer.jwks() }, clock);
    const token = await signer.sign(ada, 'desktops');
    now += 64_999;
    expect(await verifier.verify(token, 'desktops')).toMatchObject({
      outcome: 'verified',
      identity: { ownerId: 'u-1', keyId: ada.keyId },
    });
    now += 1;
    expect(await verifier.verify(token, 'desktops')).toEqual({
      outcome: 'refused',
      reason: 'identity_expired',
    });
  });
});

describe('an identity of a gateway whose clock is wrong', () => {
  /** The outcome at a service for an identity that is as old as any that is sent. */
  async function outcomeAt(gatewayAheadMs: number): Promise<string> {
    const signer = await IdentitySigner.from([NEW], () => now + gatewayAheadMs);
    await signer.sign(ada, 'desktops');
    now += 9_999;
    const token = await signer.sign(ada, 'desktops');
    return (await new IdentityVerifier({ jwks: signer.jwks() }, clock).verify(token, 'desktops')).outcome;
  }

  it.each([
    [-50_000, 'verified'],
    [-56_000, 'refused'],
    [7_200_000, 'verified'],
  ])('by %d milliseconds is %s', async (gatewayAheadMs, outcome) => {
    now += 999; // `iat` and `exp` are whole seconds, rounded down
    expect(await outcomeAt(gatewayAheadMs)).toBe(outcome);
  });
});

describe('the keys', () => {
  it('follow only from the secret, so that all gateways and versions have the same', async () => {
    const [one, other] = [await IdentitySigner.from([NEW]), await IdentitySigner.from([NEW])];
    expect(one.jwks()).toEqual(other.jwks());
    expect(one.jwks().keys).toEqual([
      {
        kty: 'OKP',
        crv: 'Ed25519',
        x: '5Dz5flSB2bxkPA1o51bl-F2uEhx1veAGFUJFF9tFYpM',
        kid: 'Bu_KBeZabMQto30pzCttKDSf8tu48Xw5VrC-y2OHHlo',
        alg: 'EdDSA',
        use: 'sig',
      },
    ]);
  });

  it('rotate: identities of both secrets are accepted while both are listed, and no longer', async () => {
    const [before, during, after] = [
      await IdentitySigner.from([OLD], clock),
      await IdentitySigner.from([NEW, OLD], clock),
      await IdentitySigner.from([NEW], clock),
    ];
    const [old, made] = [await before.sign(ada, 'kb'), await during.sign(ada, 'kb')];
    const outcomeAt = async (signer: IdentitySigner, token: string): Promise<string> =>
      (await new IdentityVerifier({ jwks: signer.jwks() }, clock).verify(token, 'kb')).outcome;
    expect(await outcomeAt(during, old)).toBe('verified');
    expect(await outcomeAt(during, made)).toBe('verified');
    expect(await outcomeAt(after, made)).toBe('verified');
    expect(await outcomeAt(after, old)).toBe('refused');
    expect(await outcomeAt(before, made)).toBe('refused');
  });
});
