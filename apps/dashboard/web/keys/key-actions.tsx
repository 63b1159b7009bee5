import { ActionIcon, Menu } from '@mantine/core';
import type { Key } from '#libs/keys-contract';
import {
  ActivityIcon,
  AlarmIcon,
  DotsIcon,
  PauseIcon,
  PlayIcon,
  PlugIcon,
  RotateIcon,
  TrashIcon,
} from '../icons.js';
import { keyMessages } from './messages.js';

/** What can be done with a key that has not ended. */
export type KeyAction = 'activity' | 'connect' | 'rotate' | 'pause' | 'resume' | 'revoke' | 'leaked';

interface KeyActionsProps {
  readonly target: Key;
  readonly onAction: (action: KeyAction, key: Key) => void;
}

/** The menu of a key. */
export function KeyActions({ target, onAction }: KeyActionsProps) {
  const isPaused = target.state === 'paused';
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
        {isPaused ? (
          <Menu.Item leftSection={<PlayIcon />} onClick={() => onAction('resume', target)}>
            {keyMessages.menu.resume}
          </Menu.Item>
        ) : (
          <>
            <Menu.Item leftSection={<PlugIcon />} onClick={() => onAction('connect', target)}>
              {keyMessages.menu.connect}
            </Menu.Item>
            <Menu.Item leftSection={<RotateIcon />} onClick={() => onAction('rotate', target)}>
              {keyMessages.menu.rotate}
            </Menu.Item>
            <Menu.Item leftSection={<PauseIcon />} onClick={() => onAction('pause', target)}>
              {keyMessages.menu.pause}
            </Menu.Item>
          </>
        )}
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
