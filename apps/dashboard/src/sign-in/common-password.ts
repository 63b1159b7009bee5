/**
 * Whether attackers would try this password first: it is common in leaked lists, or the email address itself
 * (NIST SP 800-63B section 3.1.1.2).
 */
export async function isCommonPassword(password: string, email: string): Promise<boolean> {
  const text = password.toLowerCase();
  const address = email.toLowerCase();
  if (text === address || text === address.split('@')[0]) return true;
  return (await commonPasswords()).has(text);
}

let passwords: Promise<ReadonlySet<string>> | undefined;

/** Loaded at the first sign-up, since most dashboards accept no passwords. */
function commonPasswords(): Promise<ReadonlySet<string>> {
  passwords ??= import('@zxcvbn-ts/language-common').then(
    ({ dictionary }) => new Set(dictionary['passwords-common'].map(String)),
  );
  return passwords;
}
