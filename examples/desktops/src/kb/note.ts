/** A page of the workspace's knowledge base. */
export interface Note {
  /** Such as `runbooks/release`. */
  readonly path: string;
  readonly title: string;
  /** Markdown. */
  readonly text: string;
  readonly updatedAt: string;
}

/** A note in search results. */
export interface Hit {
  readonly path: string;
  readonly title: string;
  readonly excerpt: string;
}

/** The length of an excerpt, in characters. */
const EXCERPT = 120;

/** The notes that contain every word, in any case, in their original order. */
export function search(notes: readonly Note[], words: string): Note[] {
  const wanted = wordsIn(words);
  return notes.filter(({ path, title, text }) => {
    const searched = `${path}\n${title}\n${text}`.toLowerCase();
    return wanted.every((word) => searched.includes(word));
  });
}

/** A note with the part of its text around the first matching word. */
export function hitOf({ path, title, text }: Note, words: string): Hit {
  const [first = ''] = wordsIn(words);
  const at = Math.max(0, text.toLowerCase().indexOf(first));
  const from = Math.max(0, at - EXCERPT / 3);
  return {
    path,
    title,
    excerpt: text
      .slice(from, from + EXCERPT)
      .replace(/\s+/g, ' ')
      .trim(),
  };
}

function wordsIn(text: string): string[] {
  return text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
}
