// A catalogue, and its parts.
export { Catalogue, type Selection } from './catalogue.js';
export type { Capability, Group, Preset } from './catalogue-document.js';

// For who names capabilities without a catalogue.
export { isCapabilityName } from './catalogue-document.js';

// For services: reading one.
export { catalogueSetting } from './catalogue-setting.js';
export { type CatalogueRead, readCatalogue } from './read-catalogue.js';
export { LE_BUREAU } from './le-bureau.js';
