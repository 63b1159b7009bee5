/** The version of this product, as package.json has it. `npm run raise-version` writes it. */
export const VERSION = '0.1.0';
