// Who sends a request, as an address that activity, limits and logs agree on.
export { clientAddress, networkOf } from './client-address.js';

// Which addresses a key may be used from.
export { AddressRanges, isPrivateAddress, readAddressRange, type ReadRange } from './address-ranges.js';
