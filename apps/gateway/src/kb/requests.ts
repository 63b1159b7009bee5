import { Field, SingleLine } from '#libs/fields';
import { PageQuery } from '../fields/page.js';

export class SearchQuery extends PageQuery {
  @SingleLine('q', { max: 500 })
  q!: string;
}

/** The rest of the path, which Fastify calls `*`. */
export class NoteParams {
  @NotePath()
  '*'!: string;
}

/**
 * A note's path, with / between its parts. No part may change the path of a URL, even for a service that decodes it a
 * second time.
 */
function NotePath(): PropertyDecorator {
  const isPart = (part: string): boolean =>
    part !== '' && part !== '.' && part !== '..' && !/[\p{Cc}\p{Cs}\\]|%(?:2e|2f|5c)/iu.test(part);
  return Field({
    // By its name in the address, which is not that of the field.
    schema: { name: 'path', type: 'string', minLength: 1, maxLength: 500 },
    sentence: 'Note path must be 1 to 500 characters: names separated by /, none of them . or ..',
    test: (value) => typeof value === 'string' && value.length <= 500 && value.split('/').every(isPart),
  });
}
