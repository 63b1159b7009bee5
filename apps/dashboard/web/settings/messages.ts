export const settingsMessages = {
  menu: {
    account: 'Your account',
    signOut: 'Sign out',
    toDark: 'Switch to dark mode',
    toLight: 'Switch to light mode',
    settings: 'Settings',
  },
  signOutFailed: 'Couldn’t sign out',
  stillSignedIn: 'You are still signed in here.',
  profile: {
    heading: 'Profile',
    sub: 'What the API knows about you when you use one of your keys.',
    email: 'Email',
    notVerified: (email: string) => `${email} (not verified)`,
    role: 'Role',
    tier: 'Tier',
    id: 'User ID',
  },
};
