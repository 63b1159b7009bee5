import { ApiProperty } from '@nestjs/swagger';
import { Integer, NumberAsText, Optional, Pattern } from '#libs/fields';

/** Which part of a list: how many items, and after which. */
export class PageQuery {
  @Optional()
  @NumberAsText()
  @Integer('Limit', { min: 1, max: 200 })
  limit = 50;

  @Optional()
  @Cursor()
  cursor?: string;
}

/** Where the next page of a list starts. */
export function NextCursor(): PropertyDecorator {
  return ApiProperty({
    type: 'string',
    nullable: true,
    description: 'The cursor of the next page, or null at the end.',
  });
}

/** The `nextCursor` of the previous page: a text that only the service understands. */
function Cursor(): PropertyDecorator {
  return Pattern('Cursor must be the nextCursor of the previous page.', /^[A-Za-z0-9._~+/=-]{1,512}$/);
}
