/** The commands in the code blocks of a document's section. */
export function commandsIn(document: string, section: string): string[] {
  const text = document.split(/^## /m).find((part) => part.startsWith(section)) ?? '';
  return [...text.matchAll(/```sh\n([^]*?)```/g)].flatMap(([, block]) => (block ?? '').trim().split('\n'));
}
