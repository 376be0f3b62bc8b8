import { inject } from 'vitest';
import { environmentOf } from './environment.ts';

// Only the files of this project may see it: the set-up's own process is shared with the other suites.
Object.assign(process.env, environmentOf(inject('endpoint')));
