import { Button, Group, Text } from '@mantine/core';
import type { CatalogueView } from '#libs/keys-contract';
import { keyMessages } from './messages.js';

interface PresetButtonsProps {
  readonly presets: CatalogueView['presets'];
  readonly value: readonly string[];
  readonly onChange: (names: readonly string[]) => void;
}

/** The presets of the catalogue, each of which selects its capabilities and no others. Nothing if there are none. */
export function PresetButtons({ presets, value, onChange }: PresetButtonsProps) {
  if (presets.length === 0) return null;
  return (
    <Group gap={6} mt={8} role="group" aria-label={keyMessages.create.presets}>
      <Text component="span" size="xs" c="dimmed">
        {keyMessages.create.presets}
      </Text>
      {presets.map(({ name, title, capabilities }) => (
        <Button
          key={name}
          size="compact-xs"
          fw={500}
          variant={isSame(capabilities, value) ? 'light' : 'default'}
          aria-pressed={isSame(capabilities, value)}
          onClick={() => onChange(capabilities)}
        >
          {title}
        </Button>
      ))}
    </Group>
  );
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name) => other.includes(name));
}
