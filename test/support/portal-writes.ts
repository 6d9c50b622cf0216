/** Writes that a test of the portal makes to the board behind it, through Directus, and the rows that it needs for them. */
import pg from "pg";
import type { Stack } from "./stack.ts";

export interface PortalBoard {
  /** A write as the administrator, or as an agent when `token` is given. @throws Error with what Directus answered */
  write(method: "POST" | "PATCH", path: string, body: object, token?: string): Promise<{ readonly id: string }>;
  /** Id of a project that the portal shows. */
  publicProject(): Promise<string>;
  /** A ready task; `extra` goes over its fields. */
  newTask(project: string, title: string, extra?: object): Promise<BoardTask>;
  /** So that nothing of a test can be claimed afterwards. */
  cancel(ids: readonly (string | undefined)[]): Promise<void>;
}

export interface BoardTask {
  readonly id: string;
  readonly number: number;
}

export function portalBoard(stack: Stack): PortalBoard {
  const request = async (method: string, path: string, body: object | null, token?: string): Promise<unknown> => {
    const response = await fetch(`${stack.urls.directus}/items/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token ?? stack.secret("directus_admin_token")}`,
        "content-type": "application/json",
      },
      ...(body === null ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text).data;
  };
  const write: PortalBoard["write"] = async (method, path, body, token) =>
    (await request(method, path, body, token)) as { id: string };
  return {
    write,
    async publicProject() {
      const rows = await request("GET", "os_projects?filter[visibility][_eq]=public&limit=1&fields=id", null);
      const [project] = rows as readonly { readonly id: string }[];
      if (project === undefined) throw new Error("The board has no public project.");
      return project.id;
    },
    async newTask(project, title, extra = {}) {
      const acceptance = [{ id: "a1", text: "It is seen." }];
      const row = await write("POST", "os_tasks", {
        project,
        title,
        class: "chore",
        status: "ready",
        acceptance,
        ...extra,
      });
      return row as BoardTask;
    },
    async cancel(ids) {
      for (const id of ids) {
        if (id === undefined) continue;
        await write("PATCH", `os_tasks/${id}`, { status: "cancelled", status_reason: "The test is over." });
      }
    },
  };
}

/**
 * Notes on one task in a single transaction, by an agent of the board: more events at once than the portal reads at once. Ends as another
 * user: the connection is of no other use afterwards.
 */
export async function writeManyNotes(superuser: pg.Client, task: string, count: number): Promise<void> {
  const { rows } = await superuser.query<{ user: string }>(
    `select a."user" from public.os_agents a where a."user" is not null and a.status = 'active' order by a.name limit 1`,
  );
  // The law hears a user's name from Directus's own login only.
  await superuser.query("set session authorization muster_directus");
  await superuser.query(
    `insert into public.os_notes (task, kind, body, user_created, date_created)
     select $1, 'note', 'One of many ' || n, $2, now() from generate_series(1, $3::integer) n`,
    [task, rows[0]?.user, count],
  );
}

/** As the superuser of the stack's own Postgres; the caller ends it. */
export async function connectSuperuser(stack: Stack): Promise<pg.Client> {
  const client = new pg.Client({
    host: "127.0.0.1",
    port: stack.ports.postgres,
    database: "muster",
    user: "postgres",
    password: stack.secret("postgres_superuser_password"),
  });
  await client.connect();
  return client;
}
