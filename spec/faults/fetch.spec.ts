import { describeFaults } from '../support/faults/describeFaults';
import { FetchProcess } from '../support/faults/FetchProcess';

let program: FetchProcess | undefined;

afterAll(() => program?.close());

describeFaults('fetch', async () => (program = await FetchProcess.start()));
