import type { Stack } from "../../stack/stack.ts";

/** What the embedded driver is built from. */
export type Foundation = Omit<Stack, "driver">;
