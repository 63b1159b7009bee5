// For dashboard backends: the management API. Its requests and answers are in libs/keys-contract.
export {
  type CallOrigin,
  ManageClient,
  type ManageClientOptions,
  ManageRefused,
  ManageUnreachable,
} from './manage-client.js';
export { pagesOf } from './pages.js';

// For gateways: the verification RPC.
export {
  type Exposure,
  type Sighting,
  type Told,
  type Verification,
  VerifyClient,
  type VerifyClientOptions,
} from './verify-client.js';
export { type Resolve, parseEndpoints } from './endpoints.js';
export { ReportRefused } from './report-refused.js';

// For the keys service: a connection of the verification RPC is the same at both ends.
export { FramedSocket } from './framed-socket.js';
