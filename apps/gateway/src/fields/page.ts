import { NumberAsText, Optional, Shaped, WholeNumber } from './fields.js';

/** Which part of a list: how many, and after what. */
export class PageQuery {
  @Optional()
  @NumberAsText()
  @WholeNumber('The limit', { min: 1, max: 200 })
  limit = 50;

  @Optional()
  @Cursor()
  cursor?: string;
}

/** Where a list goes on, as the answer before has said it: a text that only the service understands. */
function Cursor(): PropertyDecorator {
  return Shaped('The cursor is the nextCursor of the page before.', /^[A-Za-z0-9._~+/=-]{1,512}$/);
}
