export { environmentVariable, requireKey } from './environment.ts';
export { defaultTransport, fetchTransport, undiciTransport } from './platform.web.ts';
