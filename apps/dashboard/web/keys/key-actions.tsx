import { ActionIcon, Menu } from '@mantine/core';
import type { Key } from '../../src/contract.js';
import { ActivityIcon, AlarmIcon, DotsIcon, RotateIcon, TrashIcon } from '../icons.js';
import { words } from '../messages.js';

/** What one can do with a key that is there. */
export type KeyAction = 'activity' | 'rotate' | 'revoke' | 'leaked';

interface KeyActionsProps {
  readonly target: Key;
  readonly onAction: (action: KeyAction, key: Key) => void;
}

/** A key's menu. */
export function KeyActions({ target, onAction }: KeyActionsProps) {
  return (
    <Menu withInitialFocusPlaceholder={false} position="bottom-end" width={180}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={words.keys.actions(target.name)}>
          <DotsIcon />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<ActivityIcon />} onClick={() => onAction('activity', target)}>
          {words.keys.activity}
        </Menu.Item>
        <Menu.Item leftSection={<RotateIcon />} onClick={() => onAction('rotate', target)}>
          {words.keys.rotate}
        </Menu.Item>
        <Menu.Item leftSection={<TrashIcon />} onClick={() => onAction('revoke', target)}>
          {words.keys.revoke}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          leftSection={<AlarmIcon />}
          className="danger-text"
          onClick={() => onAction('leaked', target)}
        >
          {words.keys.leaked}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
