import { ApiProperty } from '@nestjs/swagger';
import { NextCursor } from '../fields/page.js';

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

  @ApiProperty({ type: 'string', nullable: true, description: 'Null unless the desktop is running.' })
  ipAddress!: string | null;

  @ApiProperty({ description: 'Whether it can be controlled. Otherwise its control routes answer 503.' })
  agentReady!: boolean;

  @ApiProperty({ type: 'string', format: 'date-time' })
  createdAt!: string;
}

export class DesktopPage {
  @ApiProperty({ type: [Desktop] })
  desktops!: Desktop[];

  @NextCursor()
  nextCursor!: string | null;
}
