import { Controller, Get } from '@nestjs/common';
import { Catalogue } from '#libs/catalogue';
import { type CatalogueView, catalogueSchema } from '#libs/keys-contract';
import { Lifetimes } from '../lifetimes/lifetimes.js';
import { ApiRoute } from './api-route.js';

/** What keys can be issued with. */
@Controller('catalogue')
export class CatalogueController {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly lifetimes: Lifetimes,
  ) {}

  @Get()
  @ApiRoute({ id: 'catalogue_get', summary: 'Show what keys can be created with', answer: catalogueSchema })
  get(): CatalogueView {
    const { title, groups, capabilities, presets } = this.catalogue;
    const { defaultDays, maxDays, idleDays } = this.lifetimes;
    return {
      title,
      groups: groups.map(({ name, title }) => ({ name, title })),
      capabilities,
      presets,
      lifetimes: { defaultDays, maxDays, idleDays },
    };
  }
}
