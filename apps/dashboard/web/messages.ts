/** What every part of the page says. Each part has its own messages beside it. */
export const messages = {
  /** In place of the product's name, which the server could not tell. */
  product: 'API keys',
  title: { signIn: 'Sign in', apiKeys: 'API keys', auditLog: 'Audit log', profile: 'Profile' },
  notFound: 'Page not found',
  notFoundText: 'There’s nothing at this address. It may have been mistyped, or moved.',
  toKeys: 'Go to your API keys',
  loading: 'Loading',
  close: 'Close',
  cancel: 'Cancel',
  done: 'Done',
  back: 'Back',
  tryAgain: 'Try again',
  stale: (since: string) => `Couldn’t refresh this. It was read ${since}.`,
  copied: 'Copied',
  copyManually: 'Press Ctrl+C or ⌘C to copy',

  errors: {
    unreachable: 'Can’t reach the server',
    unreachableText: 'The server didn’t respond. Check your connection and try again.',
    failed: 'Couldn’t complete that',
    unknown: 'Something went wrong on our end. Try again.',
    rateLimited: 'Too many attempts',
    rateLimitedText: (seconds: number | undefined) =>
      seconds === undefined ? 'Wait a minute, then try again.' : `Try again in ${secondsInWords(seconds)}.`,
    keysUnavailable: 'Can’t manage keys right now',
    keysUnavailableText: 'Nothing is wrong with your keys. Try again in a moment.',
    sessionEnded: 'Your session has ended',
    sessionEndedText: 'Sign in again, then continue here.',
    pageBroken: 'Something went wrong on this page',
    reload: 'Reload page',
  },
};

function secondsInWords(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole === 1 ? '1 second' : `${whole} seconds`;
}
