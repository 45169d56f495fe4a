export { environmentVariable, MISSING_KEY } from './environment.ts';
export { defaultTransport, fetchTransport, undiciTransport } from './platform.web.ts';
