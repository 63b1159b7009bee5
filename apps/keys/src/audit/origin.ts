/** Where a change comes from, as the audit log records it. */
export interface Origin {
  /** Who makes it: a person's ID, or the name of a tool. */
  readonly actor: string;
  /** The IP address of the person or program, as far as it is known. */
  readonly address: string | null;
  /** The ID of the request, which is in the logs of all services that took part in it. */
  readonly requestId: string | null;
}

/** The origin of what the service does by itself. */
export const keysItself: Origin = { actor: 'keys', address: null, requestId: null };
