import * as z from 'zod/mini';
import { type Session, type SignInProvider, sessionSchema } from '../../src/contract.js';
import { call } from './call.js';

/** The page needs nothing of what better-auth answers here. */
const ignored = z.unknown();

/** Who is signed in, and which ways to sign in there are. */
export function readSession(): Promise<Session> {
  return call(sessionSchema, '/api/session');
}

export async function signIn(email: string, password: string): Promise<void> {
  await call(ignored, '/api/auth/sign-in/email', { method: 'POST', body: { email, password } });
}

/** Creates an account and signs in. The name is the part of the address before the @. */
export async function signUp(email: string, password: string): Promise<void> {
  const name = email.split('@')[0] ?? email;
  await call(ignored, '/api/auth/sign-up/email', { method: 'POST', body: { name, email, password } });
  await signIn(email, password);
}

export async function signOut(): Promise<void> {
  await call(ignored, '/api/auth/sign-out', { method: 'POST', body: {} });
}

/** The URL at the provider to send the browser to. It comes back to `returnTo`, a path of this page. */
export async function providerUrl({ id }: SignInProvider, returnTo: string): Promise<string> {
  const body = { provider: id, callbackURL: returnTo, errorCallbackURL: '/sign-in' };
  const { url } = await call(redirect, '/api/auth/sign-in/social', { method: 'POST', body });
  return url;
}

const redirect = z.object({ url: z.string() });
