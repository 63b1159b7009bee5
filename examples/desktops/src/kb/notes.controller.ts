import { Controller, Get, Param, Query } from '@nestjs/common';
import { SingleLine } from '#libs/fields';
import { Audience, Identity, type SignedIdentity } from '#libs/signed-identity/nest';
import { found } from '../found.js';
import { PageQuery, pageOf } from '../page.js';
import { Worlds } from '../worlds.js';
import { type Hit, type Note, hitOf, search } from './note.js';

class SearchQuery extends PageQuery {
  @SingleLine('q', { max: 500 })
  q!: string;
}

interface HitPage {
  readonly notes: readonly Hit[];
  readonly nextCursor: string | null;
}

@Controller('v1/kb')
@Audience('kb')
export class NotesController {
  constructor(private readonly worlds: Worlds) {}

  @Get('search')
  search(@Identity() who: SignedIdentity, @Query() query: SearchQuery): HitPage {
    const matching = search(this.worlds.of(who).notes, query.q);
    const { items, nextCursor } = pageOf(matching, query, ({ path }) => path);
    return { notes: items.map((note) => hitOf(note, query.q)), nextCursor };
  }

  /** The slashes of the path may be written as they are, or as %2F. */
  @Get('notes/*')
  read(@Identity() who: SignedIdentity, @Param('*') path: string): Note {
    return found(
      this.worlds.of(who).notes.find((note) => note.path === path),
      'note',
    );
  }
}
