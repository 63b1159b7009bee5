import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { SignedIdentity } from '#libs/signed-identity';
import { type World, newWorld } from './world.js';

/** How many owners' things are kept; an owner who was forgotten starts over. */
const OWNERS = 1000;

/** What belongs to whom. In memory, and gone with the process: this is an example. */
@Injectable()
export class Worlds {
  readonly #worlds = new LRUCache<string, World>({ max: OWNERS });

  /** What belongs to the one who makes a request, and nothing else. */
  of({ ownerId, tier }: SignedIdentity): World {
    const known = this.#worlds.get(ownerId);
    if (known !== undefined) return known;
    const world = newWorld(ownerId, tier);
    this.#worlds.set(ownerId, world);
    return world;
  }
}
