import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { SignedIdentity } from '#libs/signed-identity';
import { type World, newWorld } from './world.js';

/** How many owners' things are kept; a forgotten owner starts over. */
const OWNERS = 1000;

/** Each owner's things, in memory only: this is an example. */
@Injectable()
export class Worlds {
  readonly #worlds = new LRUCache<string, World>({ max: OWNERS });

  /** The things of the owner who makes the request. */
  of({ ownerId, tier }: SignedIdentity): World {
    const known = this.#worlds.get(ownerId);
    if (known !== undefined) return known;
    const world = newWorld(ownerId, tier);
    this.#worlds.set(ownerId, world);
    return world;
  }
}
