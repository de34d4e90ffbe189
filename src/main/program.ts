import { dirname, join } from 'node:path';

/** The folder of the package: the checkout, or what npm installed. */
export const applicationDirectory = dirname(dirname(import.meta.dirname));

/** The words that start this program again. */
export const program: readonly string[] = [process.execPath, join(applicationDirectory, 'bin', 'croft')];
