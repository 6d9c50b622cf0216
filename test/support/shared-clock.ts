/** CLOCK_MONOTONIC in milliseconds, which all processes of the machine share. */
export const sharedClock = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;
