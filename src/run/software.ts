import { name, version } from '../../package.json';

/** What made a certificate. */
export const software = { name, version } as const;
