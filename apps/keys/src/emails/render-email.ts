import type { EmailContent } from './compose-email.js';

/** The parts that are the same in all emails. */
export interface Frame {
  readonly title: string;
  /** Where people see to it, if that is known. */
  readonly link: string | undefined;
}

/** An email as plain text. */
export function renderText({ paragraphs, list, advice }: EmailContent, frame: Frame): string {
  const blocks = [
    ...paragraphs,
    ...(list.length === 0 ? [] : [list.map((line) => `- ${line}`).join('\n')]),
    ...advice,
    ...(frame.link === undefined ? [] : [`On the dashboard: ${frame.link}`]),
    `-- \n${footer(frame)}`,
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** The same as HTML, without anything that a mail program would have to load. */
export function renderHtml({ paragraphs, list, advice }: EmailContent, frame: Frame): string {
  const paragraph = (text: string): string => `<p>${escape(text)}</p>`;
  const blocks = [
    ...paragraphs.map(paragraph),
    ...(list.length === 0
      ? []
      : [`<ul>\n${list.map((line) => `<li>${escape(line)}</li>`).join('\n')}\n</ul>`]),
    ...advice.map(paragraph),
    ...(frame.link === undefined ? [] : [`<p><a href="${escape(frame.link)}">Open the dashboard</a></p>`]),
    `<p style="color: #666">${escape(footer(frame))}</p>`,
  ];
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escape(frame.title)}</title></head>
<body style="font-family: sans-serif; line-height: 1.5">
${blocks.join('\n')}
</body>
</html>
`;
}

function footer({ title }: Frame): string {
  return `${title} sends this to owners of API keys. Replies are not read.`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
