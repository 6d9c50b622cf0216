import type { Config } from "./schema.ts";
import type { SettingProblem } from "./tls-rules.ts";

/** What keeps an external Postgres from being used as the settings ask; null: nothing. */
export function findDatabaseProblem({ databaseUrl, databaseListenUrl, driver }: Config): SettingProblem | null {
  if (databaseUrl !== undefined && driver === "compose") {
    return {
      key: "databaseUrl",
      why: "the compose driver runs a Postgres of its own",
      hint: "Use the embedded driver with it (ELK_OS_DRIVER=embedded), or leave it out; for several machines see deploy/kubernetes.",
    };
  }
  if (databaseListenUrl !== undefined && databaseUrl === undefined) {
    return {
      key: "databaseListenUrl",
      why: "it is a second way to an external database, and ELK_OS_DATABASE_URL is unset",
      hint: "Set ELK_OS_DATABASE_URL, or leave it out.",
    };
  }
  return null;
}
