import { ActionIcon, Menu } from '@mantine/core';
import type { Key } from '#libs/keys-contract';
import { ActivityIcon, AlarmIcon, DotsIcon, PlugIcon, RotateIcon, TrashIcon } from '../icons.js';
import { keyMessages } from './messages.js';

/** What can be done with an active key. */
export type KeyAction = 'activity' | 'connect' | 'rotate' | 'revoke' | 'leaked';

interface KeyActionsProps {
  readonly target: Key;
  readonly onAction: (action: KeyAction, key: Key) => void;
}

/** The menu of a key. */
export function KeyActions({ target, onAction }: KeyActionsProps) {
  return (
    <Menu withInitialFocusPlaceholder={false} position="bottom-end" width={180}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={keyMessages.menu.label(target.name)}>
          <DotsIcon />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<ActivityIcon />} onClick={() => onAction('activity', target)}>
          {keyMessages.menu.activity}
        </Menu.Item>
        <Menu.Item leftSection={<PlugIcon />} onClick={() => onAction('connect', target)}>
          {keyMessages.menu.connect}
        </Menu.Item>
        <Menu.Item leftSection={<RotateIcon />} onClick={() => onAction('rotate', target)}>
          {keyMessages.menu.rotate}
        </Menu.Item>
        <Menu.Item leftSection={<TrashIcon />} onClick={() => onAction('revoke', target)}>
          {keyMessages.menu.revoke}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          leftSection={<AlarmIcon />}
          className="danger-text"
          onClick={() => onAction('leaked', target)}
        >
          {keyMessages.menu.leaked}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
