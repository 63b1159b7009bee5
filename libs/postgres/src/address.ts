/** `url` with `password` in it, when one is given: libraries take an absent password there for none. */
export function addressOf(url: string, password: string | undefined): string {
  const address = new URL(url);
  if (password !== undefined) address.password = encodeURIComponent(password);
  return address.href;
}

/** Where that is, for sentences: `db:5432/keys`, without users and passwords. */
export function placeOf(url: string): string {
  const { host, port, pathname } = new URL(url);
  return `${host}${port ? '' : ':5432'}${pathname}`;
}
