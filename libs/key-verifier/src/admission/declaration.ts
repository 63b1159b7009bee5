/** Who may call a route. */
export type Declaration =
  | { readonly opens: 'to everybody' }
  | { readonly opens: 'to any valid key' }
  /** A key is not required; but one that is sent must be valid. */
  | { readonly opens: 'with or without a key' }
  /** To keys that have all of them. */
  | { readonly opens: 'to capabilities'; readonly required: readonly string[] }
  /** To keys that have at least one of them. */
  | { readonly opens: 'to any capability of'; readonly accepted: readonly string[] };

/** A route, as the engine needs it. */
export interface DeclaredRoute {
  /** Its method and pattern: `GET /v1/desktops/:id`. */
  readonly name: string;
  /** Whether it is called by several methods or versions, so that its name depends on the request. */
  readonly hasManyNames: boolean;
  readonly declaration: Declaration;
}

/** The capabilities that a declaration names. */
export function namedCapabilities(declaration: Declaration): readonly string[] {
  switch (declaration.opens) {
    case 'to capabilities':
      return declaration.required;
    case 'to any capability of':
      return declaration.accepted;
    case 'to everybody':
    case 'to any valid key':
    case 'with or without a key':
      return [];
    default:
      return declaration satisfies never;
  }
}
