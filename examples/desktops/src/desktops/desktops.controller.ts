import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Identity, type SignedIdentity } from '#libs/signed-identity/nest';
import { Clock } from '../clock.js';
import { found } from '../found.js';
import { PageQuery, pageOf } from '../page.js';
import { Worlds } from '../worlds.js';
import type { Desktop, DesktopView } from './desktop.js';

interface DesktopPage {
  readonly desktops: readonly DesktopView[];
  readonly nextCursor: string | null;
}

@Controller('v1/desktops')
export class DesktopsController {
  constructor(
    private readonly worlds: Worlds,
    private readonly clock: Clock,
  ) {}

  @Get()
  list(@Identity() who: SignedIdentity, @Query() query: PageQuery): DesktopPage {
    const { items, nextCursor } = pageOf([...this.worlds.of(who).desktops.values()], query, ({ id }) => id);
    const now = this.clock.now();
    return { desktops: items.map((desktop) => desktop.view(now)), nextCursor };
  }

  @Get(':id')
  get(@Identity() who: SignedIdentity, @Param('id') id: string): DesktopView {
    return this.#told(who, id, () => undefined);
  }

  /** 202: it takes a few seconds. */
  @Post(':id/start')
  @HttpCode(202)
  start(@Identity() who: SignedIdentity, @Param('id') id: string): DesktopView {
    return this.#told(who, id, (desktop, now) => desktop.start(now));
  }

  @Post(':id/stop')
  @HttpCode(202)
  stop(@Identity() who: SignedIdentity, @Param('id') id: string): DesktopView {
    return this.#told(who, id, (desktop, now) => desktop.stop(now));
  }

  @Post(':id/restart')
  @HttpCode(202)
  restart(@Identity() who: SignedIdentity, @Param('id') id: string): DesktopView {
    return this.#told(who, id, (desktop, now) => desktop.restart(now));
  }

  #told(who: SignedIdentity, id: string, tell: (desktop: Desktop, nowMs: number) => void): DesktopView {
    const desktop = found(this.worlds.of(who).desktops.get(id), 'desktop');
    const now = this.clock.now();
    tell(desktop, now);
    return desktop.view(now);
  }
}
