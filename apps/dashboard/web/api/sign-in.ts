import * as z from 'zod/mini';
import type { Session, SignInProvider } from '../../src/contract.js';
import * as answers from './answers.js';
import { call } from './call.js';

/** better-auth's answers say more than the page needs. */
const done = z.unknown();

/** Who is signed in, and how one can sign in. */
export function readSession(): Promise<Session> {
  return call(answers.session, '/api/session');
}

export async function signIn(email: string, password: string): Promise<void> {
  await call(done, '/api/auth/sign-in/email', { method: 'POST', body: { email, password } });
}

/** Makes an account and signs in. People are called by what stands before the @ until a provider knows better. */
export async function signUp(email: string, password: string): Promise<void> {
  const name = email.split('@')[0] ?? email;
  await call(done, '/api/auth/sign-up/email', { method: 'POST', body: { name, email, password } });
  await signIn(email, password);
}

export async function signOut(): Promise<void> {
  await call(done, '/api/auth/sign-out', { method: 'POST', body: {} });
}

/** Where the provider asks the person who they are. They come back to `comeBackTo`, a path of this page. */
export async function providerUrl({ id }: SignInProvider, comeBackTo: string): Promise<string> {
  const body = { provider: id, callbackURL: comeBackTo, errorCallbackURL: '/sign-in' };
  const { url } = await call(redirect, '/api/auth/sign-in/social', { method: 'POST', body });
  return url;
}

const redirect = z.object({ url: z.string() });
