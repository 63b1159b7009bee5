/**
 * Whether attackers try this password first: it is among the most common ones of leaked lists, or says no more than the
 * email address does (NIST SP 800-63B section 3.1.1.2).
 */
export async function isCommonPassword(password: string, email: string): Promise<boolean> {
  const text = password.toLowerCase();
  const address = email.toLowerCase();
  if (text === address || text === address.split('@')[0]) return true;
  return (await commonPasswords()).has(text);
}

let passwords: Promise<ReadonlySet<string>> | undefined;

/** Read at the first sign-up: most dashboards take no passwords. */
function commonPasswords(): Promise<ReadonlySet<string>> {
  passwords ??= import('@zxcvbn-ts/language-common').then(
    ({ dictionary }) => new Set(dictionary['passwords-common'].map(String)),
  );
  return passwords;
}
