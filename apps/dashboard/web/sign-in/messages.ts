import type { SignInError } from '../../src/contract.js';

export const signInMessages = {
  heading: (product: string | null) => (product === null ? 'Sign in' : `Sign in to ${product}`),
  newHeading: 'Create your account',
  sub: 'Create and manage API keys for your scripts, CI jobs and MCP clients.',
  with: (provider: string) => `Continue with ${provider}`,
  or: 'or',
  email: 'Email',
  password: 'Password',
  newPassword: 'Password, at least 8 characters',
  submit: 'Sign in',
  create: 'Create account',
  toCreate: 'New here? Create an account',
  toSignIn: 'Already have an account? Sign in',
  localOnly:
    'Email and password are for trying this out on localhost. In production, people sign in with a provider such as Google or GitHub.',
  notSetUp: 'Sign-in isn’t set up yet. If you run this server, see “Signing in” in apps/dashboard/README.md.',
  emailMissing: 'Enter your email address.',
  passwordMissing: 'Enter your password.',
  passwordShort: 'Choose at least 8 characters.',
  /** Signing up never says whether the account exists: only the sign-in that follows fails. */
  notSignedInAfterwards:
    'You can’t sign in with this email and password. If you already have an account, use its password.',
  /** By the `error` with which a provider sends people back. */
  returned: {
    canceled: 'Sign-in was canceled.',
    expired: 'That sign-in expired or started in another window. Try again.',
    unavailable: 'The provider can’t sign you in right now. Try again in a moment, or sign in another way.',
    not_linked:
      'An account with this email address already exists. Sign in the way you did when you created it.',
    email_missing: 'The provider didn’t share your email address. Allow it there, or sign in another way.',
    email_not_verified:
      'Your provider hasn’t verified your email address. Verify it there, then sign in again.',
    not_allowed: 'Your email address isn’t allowed to sign in here. Ask the administrator to add it.',
    failed: 'Sign-in didn’t work. Try again, or sign in another way.',
  } satisfies Readonly<Record<SignInError, string>>,
  signedInClose: 'You’re signed in. Close this tab and pick up where you left off.',
};
