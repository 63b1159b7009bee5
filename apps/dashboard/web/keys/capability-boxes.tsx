import { Alert, Badge, Checkbox, Group, Stack, Text } from '@mantine/core';
import type { CatalogueView } from '#libs/keys-contract';
import { keyMessages } from './messages.js';
import { PresetButtons } from './preset-buttons.js';
import { type Capability, offeredAmong } from './use-catalogue.js';

interface CapabilityBoxesProps {
  readonly catalogue: CatalogueView;
  readonly value: readonly string[];
  readonly onChange: (value: readonly string[]) => void;
  readonly error: string | false;
}

/** The capabilities of the catalogue as check boxes, in groups, below its presets. */
export function CapabilityBoxes({ catalogue, value, onChange, error }: CapabilityBoxesProps) {
  const { groups, capabilities, presets } = catalogue;
  const choose = (names: readonly string[]): void =>
    onChange(offeredAmong(names, catalogue).map(({ name }) => name));
  return (
    <Checkbox.Group
      label={keyMessages.create.capabilities}
      description={keyMessages.create.capabilitiesHint}
      error={error}
      value={[...value]}
      onChange={choose}
    >
      <PresetButtons presets={presets} value={value} onChange={choose} />
      <Stack gap="md" mt="sm" mb={error === false ? 0 : 'xs'}>
        {groups.map(({ name: group, title }) => (
          <div key={group} role="group" aria-label={title}>
            <Text size="xs" fw={600} c="dimmed" mb={6}>
              {title}
            </Text>
            <Stack gap="sm">
              {capabilities
                .filter((capability) => capability.group === group)
                .map((capability) => (
                  <CapabilityBox
                    key={capability.name}
                    {...capability}
                    isChecked={value.includes(capability.name)}
                  />
                ))}
            </Stack>
          </div>
        ))}
      </Stack>
    </Checkbox.Group>
  );
}

type CapabilityBoxProps = Capability & { readonly isChecked: boolean };

function CapabilityBox({ name, title, description, broad, isChecked }: CapabilityBoxProps) {
  return (
    <div>
      <Checkbox
        value={name}
        label={
          <Group component="span" gap={8} display="inline-flex">
            {title}
            <span className="capability">{name}</span>
            {broad && (
              <Badge size="sm" variant="default" tt="none" className="warning-text">
                {keyMessages.capabilities.broad}
              </Badge>
            )}
          </Group>
        }
        description={description}
      />
      {broad && isChecked && (
        <Alert color="orange" mt="xs" role="alert" py="xs">
          {keyMessages.capabilities.broadWarning}
        </Alert>
      )}
    </div>
  );
}
