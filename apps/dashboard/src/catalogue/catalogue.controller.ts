import { Controller, Get } from '@nestjs/common';
import type { CatalogueView } from '#libs/keys-contract';
import { KnownCatalogue } from './known-catalogue.js';

/** What keys can be created with. */
@Controller('api/catalogue')
export class CatalogueController {
  constructor(private readonly catalogue: KnownCatalogue) {}

  @Get()
  get(): Promise<CatalogueView> {
    return this.catalogue.read();
  }
}
