import type { Fault } from './Fault';
import { FAULTS_BEFORE_HEAD } from './faultsBeforeHead';
import { FAULTS_BY_STATUS } from './faultsByStatus';
import { FAULTS_IN_BODY } from './faultsInBody';
import { FAULTS_IN_CODINGS } from './faultsInCodings';
import { FAULTS_IN_EVENTS } from './faultsInEvents';
import type { TransportName } from './playFault';

/** Everything that a server or a network may do to a stream, by where it happens. */
export const FAULTS: Record<string, Fault[]> = {
  'before the head': FAULTS_BEFORE_HEAD,
  'by its status': FAULTS_BY_STATUS,
  'in the body': FAULTS_IN_BODY,
  'in its coding': FAULTS_IN_CODINGS,
  'in the events': FAULTS_IN_EVENTS,
};

/** All of them that a transport can have. */
export function faultsThrough(transport: TransportName): Fault[] {
  return Object.values(FAULTS)
    .flat()
    .filter(({ notThrough }) => !notThrough?.[transport]);
}
