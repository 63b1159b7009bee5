import { ActionIcon, Menu } from '@mantine/core';
import { type ReactNode, useLayoutEffect, useRef } from 'react';
import type { Key } from '#libs/keys-contract';
import { ITEM, focusOpener, openerOf } from '../focus.js';
import {
  ActivityIcon,
  AlarmIcon,
  DetailsIcon,
  DotsIcon,
  PauseIcon,
  PlayIcon,
  PlugIcon,
  RotateIcon,
  TrashIcon,
} from '../icons.js';
import { keyPath, linkTo } from '../route.js';
import { keyLabel } from './key-name.js';
import { keyMessages } from './messages.js';

/** What can be done with a key. */
export type KeyAction = 'activity' | 'connect' | 'rotate' | 'pause' | 'resume' | 'revoke' | 'leaked';

/** What can still be done with a key, in the order of the menu. A state that a newer version knows gets what does no harm. */
function actionsFor({ state }: Key): readonly KeyAction[] {
  switch (state) {
    case 'active':
      return ['activity', 'connect', 'rotate', 'pause', 'revoke', 'leaked'];
    case 'paused':
      return ['activity', 'resume', 'revoke', 'leaked'];
    default:
      return ['activity'];
  }
}

const ICONS: Readonly<Record<KeyAction, ReactNode>> = {
  activity: <ActivityIcon />,
  connect: <PlugIcon />,
  rotate: <RotateIcon />,
  pause: <PauseIcon />,
  resume: <PlayIcon />,
  revoke: <TrashIcon />,
  leaked: <AlarmIcon />,
};

interface KeyActionsProps {
  readonly target: Key;
  readonly onAction: (action: KeyAction, key: Key) => void;
}

/** The menu of a key. */
export function KeyActions({ target, onAction }: KeyActionsProps) {
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const { current } = button;
    return () => {
      // The list was read again, and the key is no longer in it.
      if (current === null || current !== document.activeElement) return;
      const opener = openerOf(current);
      setTimeout(() => focusOpener(opener));
    };
  }, []);
  return (
    <Menu withInitialFocusPlaceholder={false} position="bottom-end" width={180}>
      <Menu.Target>
        <ActionIcon
          ref={button}
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={keyMessages.menu.label(keyLabel(target))}
          {...{ [ITEM]: target.id }}
        >
          <DotsIcon />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" leftSection={<DetailsIcon />} {...linkTo(keyPath(target.id))}>
          {keyMessages.menu.details}
        </Menu.Item>
        {actionsFor(target).map((action) => (
          <Action key={action} action={action} onClick={() => onAction(action, target)} />
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Action({ action, onClick }: { readonly action: KeyAction; readonly onClick: () => void }) {
  const isLeak = action === 'leaked';
  return (
    <>
      {isLeak && <Menu.Divider />}
      <Menu.Item leftSection={ICONS[action]} onClick={onClick} {...(isLeak && { className: 'danger-text' })}>
        {keyMessages.menu[action]}
      </Menu.Item>
    </>
  );
}
