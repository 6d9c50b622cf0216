/** Test files that run side by side, which is vitest's `maxWorkers`. */
export const LANES = 2;

/** Which of them this process is, from 0: two that run at the same time never have the same. */
export const LANE = (Number(process.env["VITEST_POOL_ID"] ?? 1) - 1) % LANES;
