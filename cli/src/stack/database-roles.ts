import type { SecretName } from "../state/secrets.ts";

/** Login roles of the board's database, each with the secret that opens it. */
export const DATABASE_ROLES = {
  postgres: "postgres_superuser_password",
  muster_directus: "muster_directus_password",
  muster_portal: "muster_portal_password",
  muster_rag: "muster_rag_password",
} as const satisfies Record<string, SecretName>;

export type DatabaseRole = keyof typeof DATABASE_ROLES;
