import { Controller, Get } from '@nestjs/common';
import { Catalogue } from '#libs/catalogue';
import { type CatalogueView, catalogueSchema } from '#libs/keys-contract';
import { ApiRoute } from './api-route.js';

/** What keys can be issued with. */
@Controller('catalogue')
export class CatalogueController {
  constructor(private readonly catalogue: Catalogue) {}

  @Get()
  @ApiRoute({ id: 'catalogue_get', summary: 'Show what keys can be created with', answer: catalogueSchema })
  get(): CatalogueView {
    const { title, groups, capabilities, presets } = this.catalogue;
    return {
      title,
      groups: groups.map(({ name, title }) => ({ name, title })),
      capabilities,
      presets,
    };
  }
}
