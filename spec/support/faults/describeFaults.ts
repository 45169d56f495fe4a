import type { Fault } from './Fault';
import { FAULTS } from './faults';
import { describeOutcome, outcomeOf, playFault, type Driver, type TransportName } from './playFault';

/** How long a fault may take; a million events on a busy machine take their time. */
const PATIENCE_MS = 90_000;

/** Describes a stream through a transport that meets each fault of the table. */
export function describeFaults(transport: TransportName, start: () => Promise<Driver>): void {
  let driver!: Driver;
  let before: string[] = [];

  const nameOf = (fault: Fault) => `${describeOutcome(outcomeOf(fault, transport))} at ${fault.name}`;
  /** Nothing is left in the process that was not there before. */
  const expectNothingLeft = async () => {
    const surprises: string[] = [];
    let left: string[] = [];
    // A socket that the server has just closed takes a moment.
    for (let count = 0; count === 0 || (left.length > 0 && count < 20); count++) {
      if (count > 0) await new Promise((resolve) => setTimeout(resolve, 10));
      const now = await driver.residue();
      surprises.push(...now.surprises);
      left = withoutThose(now.resources, before);
    }
    expect({ surprises, left }).toEqual({ surprises: [], left: [] });
  };

  describe(`a stream through ${transport}`, () => {
    beforeAll(async () => {
      driver = await start();
    });
    beforeEach(async () => {
      before = (await driver.residue()).resources;
    });
    afterEach(expectNothingLeft);

    for (const [place, faults] of Object.entries(FAULTS)) {
      const possible = faults.filter(({ notThrough }) => !notThrough?.[transport]);
      describe(place, () => {
        for (const fault of possible.filter(({ isSlow }) => !isSlow)) {
          it(nameOf(fault), () => playFault(fault, transport, driver), PATIENCE_MS);
        }
        const slow = possible.filter(({ isSlow }) => isSlow);
        if (slow.length === 0) return;
        it(`ends after five seconds at ${slow.map(({ name }) => name).join('; at ')}`, async () => {
          await Promise.all(slow.map((fault) => playFault(fault, transport, driver)));
        });
      });
    }
  });
}

/** What is in the first list more often than in the second. */
function withoutThose(all: string[], before: string[]): string[] {
  const rest = [...before];
  return all.filter((item) => {
    const place = rest.indexOf(item);
    if (place >= 0) rest.splice(place, 1);
    return place < 0;
  });
}
