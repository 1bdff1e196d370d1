/** The `heddle` command from the sources: what tests start as a process of its own. */
import { main } from '../main.ts';

await main();
