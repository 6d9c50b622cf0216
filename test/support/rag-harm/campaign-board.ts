/** A board beside a campaign: its tasks are added and renamed while the search service is killed. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeLawFixture, STEWARD } from "../law-fixture.ts";
import type { TestPostgres } from "../postgres.ts";

export interface CampaignBoard {
  /** How the search service finds it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Citation → a word that stands in this task and in no other; what was changed last comes last. */
  readonly truth: ReadonlyMap<string, string>;
  /** Words that a task had and has no more. */
  readonly gone: readonly string[];
  /** Adds a task, or renames one that there is. */
  change(round: number): Promise<void>;
  drop(): Promise<void>;
}

/** A fresh board on a running cluster. `folder` takes the file with the password of its reader. */
export async function makeCampaignBoard(
  postgres: TestPostgres,
  folder: string,
  random: () => number,
): Promise<CampaignBoard> {
  const law = await makeLawFixture(postgres);
  await law.admin.query("select muster.ensure_instance(gen_random_uuid())");
  const passwordFile = join(folder, "secrets/board");
  writeFileSync(passwordFile, "test\n", { mode: 0o600 });
  const truth = new Map<string, string>();
  const ids: string[] = [];
  const gone: string[] = [];
  const cite = (id: string): string => `board:os_tasks/${id}`;
  return {
    environment: {
      ELK_OS_DATABASE_PORT: String(postgres.port),
      ELK_OS_DATABASE_NAME: law.database.name,
      ELK_OS_DATABASE_PASSWORD_FILE: passwordFile,
    },
    truth,
    gone,
    async change(round) {
      const word = `taskword${round}n${Math.floor(random() * 1e9)}`;
      const title = `Only here: ${word}`;
      const old = random() < 0.5 ? ids[Math.floor(random() * ids.length)] : undefined;
      if (old === undefined) {
        const id = String((await law.addTask({ title }))["id"]);
        ids.push(id);
        truth.set(cite(id), word);
      } else {
        await law.patch(STEWARD, old, { title });
        gone.push(truth.get(cite(old)) ?? "");
        truth.delete(cite(old));
        truth.set(cite(old), word);
      }
    },
    drop: () => law.database.drop(),
  };
}
