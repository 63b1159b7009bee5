import type { Type } from '@nestjs/common';
import type { Catalogue } from '#libs/catalogue';
import { ChatController } from './desktops/chat.controller.js';
import { ControlController } from './desktops/control.controller.js';
import { DesktopsController } from './desktops/desktops.controller.js';
import { KbController } from './kb/kb.controller.js';
import { SchedulesController } from './schedules/schedules.controller.js';

/**
 * The services that can stand behind the gateway, by the name that their paths begin with: `/v1/<name>`. The routes of one
 * exist if a group of the catalogue has it as its upstream, and `UPSTREAM_<NAME>_URL` says where it is.
 */
export const UPSTREAM_ROUTES = {
  desktops: [DesktopsController, ControlController, ChatController],
  schedules: [SchedulesController],
  kb: [KbController],
} as const satisfies Readonly<Record<string, readonly Type[]>>;

export type UpstreamName = keyof typeof UPSTREAM_ROUTES;

export const UPSTREAM_NAMES: readonly UpstreamName[] = Object.keys(UPSTREAM_ROUTES).filter(isUpstreamName);

/** The services whose routes a catalogue asks for. */
export function upstreamsOf({ groups }: Catalogue): readonly UpstreamName[] {
  return UPSTREAM_NAMES.filter((name) => groups.some(({ upstream }) => upstream === name));
}

export function isUpstreamName(name: string): name is UpstreamName {
  return Object.hasOwn(UPSTREAM_ROUTES, name);
}
