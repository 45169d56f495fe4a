import { undiciTransport } from 'rxdelta';
import { describeFaults } from '../support/faults/describeFaults';
import { observe, residue, watchProcess } from '../support/faults/observe';

const transport = undiciTransport();

beforeAll(watchProcess);

describeFaults('undici', async () => ({ request: (demand) => observe(demand, transport), residue }));
