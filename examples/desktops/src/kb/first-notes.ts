import type { Note } from './note.js';

/** The initial notes of every owner. */
export function firstNotes(updatedAtMs: number): readonly Note[] {
  const updatedAt = new Date(updatedAtMs).toISOString();
  return [
    {
      path: 'welcome',
      title: 'Welcome',
      text: 'These notes are an example. A real knowledge base is a separate service behind the gateway.',
      updatedAt,
    },
    {
      path: 'runbooks/release',
      title: 'How we release',
      text: 'Start the desktop Builds, wait until its agent is ready, and ask it to run the release checklist.\n\nRevoke the key for the release when it is done.',
      updatedAt,
    },
    {
      path: 'runbooks/leaked-key',
      title: 'When a key has leaked',
      text: 'Revoke it, create another with the same capabilities, and check what the old one was used for.',
      updatedAt,
    },
  ];
}
