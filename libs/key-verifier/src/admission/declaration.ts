/** Who may call a route. */
export type Declaration =
  | { readonly opens: 'to everybody' }
  | { readonly opens: 'to any valid key' }
  | { readonly opens: 'to capabilities'; readonly required: readonly string[] };

/** A route, as the engine needs it. */
export interface DeclaredRoute {
  /** Its method and pattern: `GET /v1/desktops/:id`. */
  readonly name: string;
  /** Whether it is called by several methods or versions, so that its name depends on the request. */
  readonly hasManyNames: boolean;
  readonly declaration: Declaration;
}
