import { Text } from '@mantine/core';
import type { Key } from '#libs/keys-contract';
import { dayOf } from '../time/format.js';
import { keyMessages } from './messages.js';

/** A key, told apart from others of the same name: a rotation leaves two of one name. */
export function KeyName({ target: { name, last4, createdAt } }: { readonly target: Key }) {
  return (
    <span className="key-identity">
      <Text component="span" fw={600} size="sm">
        {name}
      </Text>{' '}
      <Text component="span" size="sm" c="dimmed" className="unbroken">
        <code className="last-four">…{last4}</code> · {keyMessages.created(dayOf(createdAt))}
      </Text>
    </span>
  );
}

/** The same for the labels of controls. */
export function keyLabel({ name, last4, createdAt }: Key): string {
  return `${name}, …${last4}, ${keyMessages.created(dayOf(createdAt))}`;
}
