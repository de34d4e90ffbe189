import fc from 'fast-check';

/**
 * Random tests begin with the same seed in every run, so that what fails was broken by the change at hand. `CROFT_SEED`
 * names another; `./dev proof` is there to look where nobody has looked yet.
 */
fc.configureGlobal({ seed: Number(process.env['CROFT_SEED'] ?? 1) });
