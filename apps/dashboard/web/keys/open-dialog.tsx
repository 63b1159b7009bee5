import type { Key } from '#libs/keys-contract';
import { ConnectKey } from '../connect/connect-key.js';
import { CreateKey } from './create-key.js';
import type { KeyAction } from './key-actions.js';
import { KeyActivityDialog } from './key-activity.js';
import { LeakedKey } from './leaked-key.js';
import { PauseKey } from './pause-key.js';
import { RevokeKey } from './revoke-key.js';
import { RotateKey } from './rotate-key.js';

/** What is open: the form for a new key, or what is done with one. */
export type Open = { readonly dialog: 'create' } | { readonly dialog: KeyAction; readonly key: Key };

interface OpenDialogProps {
  readonly open: Open;
  readonly gatewayUrl: string;
  readonly onClose: () => void;
}

/** The dialog that was opened. */
export function OpenDialog({ open, gatewayUrl, onClose }: OpenDialogProps) {
  switch (open.dialog) {
    case 'create':
      return <CreateKey gatewayUrl={gatewayUrl} onClose={onClose} />;
    case 'activity':
      return <KeyActivityDialog target={open.key} onClose={onClose} />;
    case 'connect':
      return <ConnectKey target={open.key} gatewayUrl={gatewayUrl} onClose={onClose} />;
    case 'pause':
    case 'resume':
      return <PauseKey target={open.key} action={open.dialog} onClose={onClose} />;
    case 'revoke':
      return <RevokeKey target={open.key} onClose={onClose} />;
    case 'rotate':
      return <RotateKey old={open.key} gatewayUrl={gatewayUrl} onClose={onClose} />;
    case 'leaked':
      return <LeakedKey leaked={open.key} gatewayUrl={gatewayUrl} onClose={onClose} />;
    default:
      return open satisfies never;
  }
}
