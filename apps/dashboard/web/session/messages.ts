export const sessionMessages = {
  ended: 'Your session has ended',
  endedText: 'Sign in again in a new tab, then come back here. Everything you typed is still here.',
  signInAgain: 'Sign in again',
  signedInAgain: 'I’ve signed in',
  notYet: 'You’re not signed in yet.',
};
