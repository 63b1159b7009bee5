import { Anchor, Text } from '@mantine/core';
import type { Key } from '#libs/keys-contract';
import { dayOf } from '../time/format.js';
import { ITEM } from '../focus.js';
import { keyLabel } from './key-name.js';
import { keyMessages } from './messages.js';

interface ExposedMarkProps {
  readonly target: Key;
  readonly onRevoke: () => void;
}

/** A warning at a key that others have seen, as long as it can be used. */
export function ExposedMark({ target, onRevoke }: ExposedMarkProps) {
  const { state, exposedAt, exposureSource } = target;
  const isUsable = state === 'active' || state === 'paused';
  if (!isUsable || exposedAt === null) return null;
  const { mark, revoke, revokeThis } = keyMessages.list.exposed;
  return (
    <Text size="xs" className="warning-text">
      {mark(exposureSource, dayOf(exposedAt))}{' '}
      <Anchor
        component="button"
        size="xs"
        aria-label={revokeThis(keyLabel(target))}
        onClick={onRevoke}
        {...{ [ITEM]: target.id }}
      >
        {revoke}
      </Anchor>
    </Text>
  );
}
