import { expect, test } from "vitest";
import { configSchema } from "./schema.ts";
import { presetOf, SIZES } from "./sizes.ts";

const PLACE = { stateDir: "/s", cacheDir: "/c", instance: "i" };
const usual = configSchema.parse(PLACE);
/** RAM of the machine that each size is for, in MiB. */
const RAM_MB = { tiny: 1024, default: 2048 } as const;
/** The kernel keeps that much of a small machine's RAM for itself before anybody asks for memory, in MiB. */
const KERNEL_MB = 128;

test.each(Object.keys(SIZES) as (keyof typeof SIZES)[])(
  "%s is taken by the schema, and asks a machine of its RAM for no more",
  (size) => {
    const config = configSchema.parse({ ...PLACE, size, ...SIZES[size] });
    expect(config.memoryBudgetMb).toBeLessThanOrEqual(RAM_MB[size] - KERNEL_MB);
  },
);

test("tiny gives every service less than default does", () => {
  for (const [key, value] of Object.entries(SIZES.tiny)) {
    const other = usual[key as keyof typeof usual];
    if (other !== undefined) expect(value, key).toBeLessThan(Number(other));
  }
});

test("no container's limit is below the heap that its service may have", () => {
  const { directusHeapMb = 0, limitDirectusMb = 0, postgresSharedBuffersMb = 0, limitPostgresMb = 0 } = SIZES.tiny;
  expect(limitDirectusMb).toBeGreaterThan(directusHeapMb + 128);
  expect(limitPostgresMb).toBeGreaterThan(2 * postgresSharedBuffersMb);
});

test("what is set is not chosen for", () => {
  expect(presetOf("tiny", (key) => key !== "limitRagMb")).toEqual({ limitRagMb: SIZES.tiny.limitRagMb });
  expect(presetOf(undefined, () => false)).toEqual({});
});
