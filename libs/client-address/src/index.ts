// Who sends a request, as an address that activity, limits and logs agree on.
export { clientAddress, networkOf } from './client-address.js';
