import { ApiProperty } from '@nestjs/swagger';

/** A desktop, as the API shows it. */
export class Desktop {
  @ApiProperty()
  id!: string;

  @ApiProperty()
  name!: string;

  @ApiProperty({ type: 'string', enum: ['stopped', 'booting', 'running', 'stopping'] })
  status!: string;

  @ApiProperty({ type: 'string', enum: ['free', 'pro', 'max'] })
  tier!: string;

  @ApiProperty({ type: 'string', nullable: true })
  ipAddress!: string | null;

  @ApiProperty({ description: 'Whether it can be controlled: else its control routes answer 503.' })
  agentReady!: boolean;

  @ApiProperty({ type: 'string', format: 'date-time' })
  createdAt!: string;
}

export class DesktopPage {
  @ApiProperty({ type: [Desktop] })
  desktops!: Desktop[];

  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'The cursor of the next page, or null at the end.',
  })
  nextCursor!: string | null;
}
