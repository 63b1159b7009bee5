import { ApiProperty } from '@nestjs/swagger';
import { NextCursor } from '../fields/page.js';

/** A page of the workspace knowledge base. */
export class Note {
  @ApiProperty({ example: 'runbooks/release' })
  path!: string;

  @ApiProperty()
  title!: string;

  @ApiProperty({ description: 'Markdown.' })
  text!: string;

  @ApiProperty({ type: 'string', format: 'date-time' })
  updatedAt!: string;
}

/** A note in search results. */
export class Hit {
  @ApiProperty({ example: 'runbooks/release', description: 'The path to read the note by.' })
  path!: string;

  @ApiProperty()
  title!: string;

  @ApiProperty({ description: 'The part of its text around the match.' })
  excerpt!: string;
}

export class HitPage {
  @ApiProperty({ type: [Hit] })
  notes!: Hit[];

  @NextCursor()
  nextCursor!: string | null;
}
