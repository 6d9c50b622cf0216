export * from "./errors.ts";
export * from "./identity.ts";
export * from "./migrate.ts";
export type { Queryable } from "./queryable.ts";
export * from "./sql-files.ts";
export * from "./transitions.ts";
